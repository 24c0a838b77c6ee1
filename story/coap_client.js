// SPDX-License-Identifier: Apache-2.0
// A node seen through npm's coap: all operations, both sets of option numbers, bodies of many blocks both ways, and
// notifications that arrive at a CoAP server of npm's.
//
//   node coap_client.js PORT      writes TAP lines without a plan
'use strict';

const coap = require('coap');

const port = Number(process.argv[2]);
const patience = 10000;
const NUMBERS = { fr: 279, rqi: 283, rvi: 271, ty: 267, rsc: 307 };
const OLDER = { fr: 256, rqi: 257, rvi: 271, ty: 267, rsc: 265 };
let count = 0;
let next = 0;

function check(what, good, more) {
	count++;
	console.log(`${good ? 'ok' : 'not ok'} ${count} - ${what}`);
	if (!good) console.log(`# ${JSON.stringify(more)}`);
}

function number(n) {
	const bytes = [];
	for (; n > 0; n >>= 8) bytes.unshift(n & 255);
	return Buffer.from(bytes);
}

// { method, path, query, fr, ty, body, format, accept, confirmable, numbers }: the answer with code, rsc, rqi and body.
function ask(what) {
	const numbers = what.numbers || NUMBERS;
	const rqi = `q${next++}`;
	return new Promise((yes, no) => {
		const request = coap.request({ host: '127.0.0.1', port, method: what.method || 'GET', pathname: what.path,
			query: what.query, confirmable: what.confirmable !== false });
		const late = setTimeout(() => no(new Error(`${what.method} ${what.path}: no answer`)), patience);
		request.setOption(String(numbers.fr), Buffer.from(what.fr || 'CAdmin'));
		request.setOption(String(numbers.rqi), Buffer.from(rqi));
		request.setOption(String(numbers.rvi), Buffer.from('3'));
		if (what.ty) request.setOption(String(numbers.ty), number(what.ty));
		if (what.accept) request.setOption('Accept', number(what.accept));
		if (what.body && what.body.length > 1024) request.setOption('Block1', Buffer.from([6]));
		if (what.body) request.setOption('Content-Format', number(what.format || 50));
		request.on('response', (response) => {
			const option = (n) => (response.options.find((o) => String(o.name) === String(n)) || {}).value;
			const rsc = option(numbers.rsc);
			clearTimeout(late);
			yes({ code: response.code, rsc: rsc ? rsc.readUIntBE(0, rsc.length) : 0, rqi: String(option(numbers.rqi)) === rqi,
				format: response.headers['Content-Format'], body: response.payload,
				json: (() => { try { return JSON.parse(response.payload); } catch { return {}; } })() });
		});
		request.on('error', (error) => { clearTimeout(late); no(error); });
		request.end(what.body);
	});
}

const create = (path, ty, object, more) => ask({ method: 'POST', path, ty, body: JSON.stringify(object), ...more });

async function operations(name, numbers, confirmable) {
	const more = { numbers, confirmable };
	let got = await create('/cse-in', 3, { 'm2m:cnt': { rn: name } }, more);
	check(`${name}: create`, got.rsc === 2001 && got.code === '2.01' && got.rqi, got);
	got = await create(`/cse-in/${name}`, 4, { 'm2m:cin': { con: 'hello' } }, more);
	check(`${name}: create an instance`, got.rsc === 2001, got);
	got = await ask({ path: `/cse-in/${name}/la`, ...more });
	check(`${name}: retrieve`, got.rsc === 2000 && got.code === '2.05' && got.json['m2m:cin'].con === 'hello', got);
	got = await ask({ path: `/~/id-in/cse-in/${name}`, ...more });
	check(`${name}: retrieve by the longer address`, got.rsc === 2000, got);
	got = await ask({ method: 'PUT', path: `/cse-in/${name}`, body: JSON.stringify({ 'm2m:cnt': { lbl: ['one', 'two'] } }), ...more });
	check(`${name}: update`, got.rsc === 2004 && got.code === '2.04', got);
	got = await ask({ path: '/cse-in', query: 'fu=1&lbl=one&ty=3', ...more });
	check(`${name}: discover`, got.rsc === 2000 && got.json['m2m:uril'].includes(`cse-in/${name}`), got);
	got = await ask({ path: '/cse-in/nothing', ...more });
	check(`${name}: what is not there`, got.rsc === 4004 && got.code === '4.04' && 'm2m:dbg' in got.json, got);
	got = await ask({ method: 'DELETE', path: `/cse-in/${name}`, ...more });
	check(`${name}: delete`, got.rsc === 2002 && got.code === '2.02', got);
}

async function encodings() {
	let got = await create('/cse-in', 3, { 'm2m:cnt': { rn: 'enc' } });
	for (const [format, first] of [[60, 0xa1], [41, 0x3c], [10001, 0x7b]]) {
		got = await ask({ path: '/cse-in/enc', accept: format });
		check(`an answer in format ${format}`, got.rsc === 2000 && got.body[0] === first, got);
	}
	got = await ask({ path: '/cse-in/enc', accept: 42 });
	check('none in one we do not have', got.rsc === 5207 && got.code === '4.06', got);
	got = await ask({ method: 'POST', path: '/cse-in/enc', ty: 4, format: 60,
		body: Buffer.from('a1676d326d3a63696ea163636f6e6568656c6c6f', 'hex') });
	check('a body in CBOR', got.rsc === 2001 && got.body[0] === 0xa1, got);
	got = await ask({ method: 'POST', path: '/cse-in/enc', ty: 4, format: 42, body: Buffer.from('x') });
	check('no body in one we do not read', got.rsc === 4015 && got.code === '4.15', got);
}

async function blocks() {
	const text = 'block by block '.repeat(4000);
	let got = await create('/cse-in', 3, { 'm2m:cnt': { rn: 'big' } });
	got = await create('/cse-in/big', 4, { 'm2m:cin': { con: text } });
	check('a body of 60 blocks is taken', got.rsc === 2001, got.rsc);
	got = await ask({ path: '/cse-in/big/la' });
	check('and comes back in as many', got.rsc === 2000 && got.json['m2m:cin'].con === text, got.body.length);
}

// Hears notifications; answers each as a receiver that knows no oneM2M would.
function listen() {
	const heard = [];
	const server = coap.createServer((request, response) => {
		heard.push({ method: request.method, url: request.url, format: request.headers['Content-Format'],
			confirmable: request._packet.confirmable, body: request.payload });
		response.code = '2.04';
		response.end();
	});
	return new Promise((yes) => server.listen(0, '127.0.0.1', () => yes({ server, heard, port: server._port || server._sock.address().port })));
}

async function until(what) {
	for (let i = 0; i < 200 && !what(); i++) await new Promise((yes) => setTimeout(yes, 50));
	return what();
}

async function notifications() {
	const ear = await listen();
	let got = await create('/cse-in', 3, { 'm2m:cnt': { rn: 'told' } });
	for (const [name, query] of [['json', ''], ['cbor', '?ct=cbor']]) {
		const before = ear.heard.length;
		got = await create('/cse-in/told', 23, { 'm2m:sub': { rn: name, nu: [`coap://127.0.0.1:${ear.port}/hear/${name}${query}`], enc: { net: [3] } } });
		check(`${name}: a subscription to a CoAP server is verified and made`, got.rsc === 2001 && ear.heard.slice(before).some((n) => n.url.startsWith(`/hear/${name}`)), got);
	}
	const before = ear.heard.length;
	await create('/cse-in/told', 4, { 'm2m:cin': { con: '21.5' } });
	await until(() => ear.heard.length >= before + 2);
	const news = ear.heard.slice(before);
	for (const [name, first] of [['json', 0x7b], ['cbor', 0xa1]]) {
		const one = news.find((n) => n.url.startsWith(`/hear/${name}`));
		check(`${name}: it is told, by a confirmable POST`, one && one.method === 'POST' && one.confirmable, news);
		check(`${name}: in ${name}`, one && one.body[0] === first, one && { format: one.format, body: String(one.body) });
	}
	ear.server.close();
}

(async () => {
	await operations('con', NUMBERS, true);
	await operations('non', NUMBERS, false);
	await operations('older', OLDER, true);
	await encodings();
	await blocks();
	await notifications();
	process.exit(0);
})().catch((error) => {
	check('everything is answered', false, String(error && error.stack));
	process.exit(1);
});
