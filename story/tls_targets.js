// SPDX-License-Identifier: Apache-2.0
// Those who are notified by https: one server for each certificate named, on a port of its own. What they hear is
// appended to NAME.heard, who called to NAME.peer, the port stands in NAME.port.
// Usage: node tls_targets.js CERTIFICATES OUT NAME...
const fs = require('fs');
const https = require('https');
const [certificates, out, ...names] = process.argv.slice(2);

for (const name of names) {
	const options = {
		key: fs.readFileSync(`${certificates}/${name}.key`),
		cert: fs.readFileSync(`${certificates}/${name}.pem`),
		ca: fs.readFileSync(`${certificates}/ca.pem`),
		requestCert: true,
		rejectUnauthorized: false,
	};
	const server = https.createServer(options, (request, response) => {
		const peer = request.socket.getPeerCertificate();
		let body = '';
		request.on('data', (piece) => (body += piece));
		request.on('end', () => {
			fs.appendFileSync(`${out}/${name}.heard`, `${body}\n`);
			fs.appendFileSync(`${out}/${name}.peer`, `${peer && peer.subject ? peer.subject.CN : 'nobody'}\n`);
			response.writeHead(200, { 'X-M2M-RSC': '2000', 'X-M2M-RI': request.headers['x-m2m-ri'] || '' });
			response.end();
		});
	});
	server.listen(0, '127.0.0.1', () => {
		fs.writeFileSync(`${out}/${name}.port.new`, `${server.address().port}\n`);
		fs.renameSync(`${out}/${name}.port.new`, `${out}/${name}.port`);
	});
}
