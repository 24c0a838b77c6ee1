// SPDX-License-Identifier: Apache-2.0
// A CSE behind a WebSocket: it has no point of access, registers at a node over a connection of its own, and answers
// what comes for it through there.
//
//   transit_cse.js URL CSE-ID ENCODING    writes "ready", then a line for each request
'use strict';

const WebSocket = require('ws');
const cbor = require('./ws_cbor.js');

const [url, csi, encoding] = process.argv.slice(2);
const codec = encoding === 'cbor' ? cbor : { encode: JSON.stringify, decode: data => JSON.parse(String(data)) };
const ws = new WebSocket(url.replace(/^http/, 'ws') + '/', `oneM2M.${encoding}`);
const say = v => ws.send(codec.encode(v));
const name = csi.slice(1);

function answer(request) {
	const sure = { rqi: request.rqi, rvi: '3' };
	if (request.to.endsWith('/slow')) return;
	if (request.to.endsWith('/garbage')) return say({ ...sure, rsc: 2000 });
	if (request.to.endsWith('/mine')) return say({ ...sure, rsc: 4103, pc: { 'm2m:dbg': `not for ${request.fr}` } });
	if (request.op === 1) return say({ ...sure, rsc: 2001, pc: request.pc });
	if (request.fc) return say({ ...sure, rsc: 2000, pc: { 'm2m:uril': [`${name}/x`] }, cnst: 1, cnot: 1 });
	say({ ...sure, rsc: request.op === 2 ? 2000 : request.op === 4 ? 2002 : 2004, pc: { 'm2m:cnt': { rn: 'x', or: request.fr } } });
}

ws.on('open', () => say({
	op: 1, to: 'cse-in', fr: csi, rqi: 'register', rvi: '3', ty: 16,
	pc: { 'm2m:csr': { rn: name, cb: `${csi}/x`, csi, rr: true, srv: ['3'] } },
}));
ws.on('message', data => {
	const v = codec.decode(data);
	if (v.rsc) return console.log(v.rsc === 2001 ? 'ready' : JSON.stringify(v));
	console.log(JSON.stringify(v));
	answer(v);
});
