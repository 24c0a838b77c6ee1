// SPDX-License-Identifier: Apache-2.0
// Serves ws_page.html from two origins, of which a node is to trust the first only. Tells their ports in a line.
'use strict';

const fs = require('fs');
const http = require('http');
const page = fs.readFileSync(`${__dirname}/ws_page.html`);

function serve(done) {
	const held = [];
	const release = () => held.splice(0).forEach(response => response.end());
	const server = http.createServer((request, response) => {
		const path = request.url.split('?')[0];
		if (path === '/hold') {
			held.push(response);
			setTimeout(release, 15000);
			return;
		}
		if (path === '/done') release();
		response.setHeader('Content-Type', 'text/html; charset=utf-8');
		response.end(path === '/' ? page : '');
	});
	server.listen(0, '127.0.0.1', () => done(server.address().port));
}

serve(trusted => serve(stranger => console.log(trusted, stranger)));
