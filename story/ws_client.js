// SPDX-License-Identifier: Apache-2.0
// A node seen through npm's ws: all three encodings, both directions, takeovers, and those who misbehave.
//
//   node ws_client.js URL      writes TAP lines without a plan
'use strict';

const http = require('http');
const { Device, check, within } = require('./ws_device.js');

const url = process.argv[2];
const patience = 10000;
const connect = (fr, encoding) => new Device(url, fr, encoding).opened;

async function encodings() {
	for (const encoding of ['json', 'cbor', 'xml']) {
		const device = await connect('CAdmin', encoding);
		let got = await device.ask(2, 'cse-in');
		check(`${encoding}: a retrieve is answered`, got.rsc === 2000 && 'm2m:cb' in got.pc, got);
		check(`${encoding}: in the right kind of frame`, device.binary === (encoding === 'cbor'));
		got = await device.create('cse-in', 3, { 'm2m:cnt': { rn: `box-${encoding}` } });
		check(`${encoding}: a create is answered`, got.rsc === 2001, got);
		got = await device.ask(2, 'cse-in/none');
		check(`${encoding}: a refusal says why`, got.rsc === 4004 && 'm2m:dbg' in got.pc, got);
		device.ws.close(1000);
		check(`${encoding}: goodbye is answered`, (await device.closed).code === 1000);
	}
}

// An AE behind NAT: it has no point of access, and hears all the same.
async function notifications() {
	for (const encoding of ['json', 'cbor', 'xml']) {
		const fr = `Cnat-${encoding}`;
		const first = await connect(fr, encoding);
		let got = await first.create('cse-in', 2, { 'm2m:ae': { rn: fr, api: 'N.nat', rr: true, srv: ['3'] } });
		check(`${encoding}: an AE registers without poa`, got.rsc === 2001, got);
		await first.create(`cse-in/${fr}`, 3, { 'm2m:cnt': { rn: 'c' } });
		got = await first.create(`cse-in/${fr}/c`, 23, { 'm2m:sub': { rn: 's', nu: [`/id-in/${fr}`], enc: { net: [3] } } });
		check(`${encoding}: it subscribes with its own name, and is asked through the connection`, got.rsc === 2001, got);
		const before = first.notified.length;
		const admin = await connect('CAdmin', 'json');
		got = await admin.create(`cse-in/${fr}/c`, 4, { 'm2m:cin': { con: '21.5' } });
		check(`${encoding}: another writes`, got.rsc === 2001, got);
		got = await first.hear(before + 1);
		check(`${encoding}: and it is told`, got.op === 5 && 'm2m:sgn' in got.pc, got);

		const second = await connect(fr, encoding);
		await second.ask(2, `cse-in/${fr}`);
		await admin.create(`cse-in/${fr}/c`, 4, { 'm2m:cin': { con: '22' } });
		await second.hear(1);
		check(`${encoding}: a second connection takes over`, first.notified.length === before + 1);
		second.ws.terminate();
		await second.closed;
		await admin.create(`cse-in/${fr}/c`, 4, { 'm2m:cin': { con: '23' } });
		// It may have been sent into the connection that went; the next one can't.
		await admin.create(`cse-in/${fr}/c`, 4, { 'm2m:cin': { con: '24' } });
		await first.hear(before + 2);
		check(`${encoding}: when it goes, the first is told again`, true);
		first.ws.close();
		admin.ws.close();
		await Promise.all([first.closed, admin.closed]);
	}
}

function handshake(headers) {
	return within(patience, new Promise((yes, no) => {
		const request = http.get(url + '/', {
			headers: {
				'Connection': 'Upgrade', 'Upgrade': 'websocket', 'Sec-WebSocket-Version': '13',
				'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Protocol': 'oneM2M.json', ...headers,
			},
		});
		request.on('response', r => { r.resume(); yes(r); });
		request.on('upgrade', (r, socket) => { socket.destroy(); yes(r); });
		request.on('error', no);
	}), 'a handshake');
}

async function handshakes() {
	let r = await handshake({});
	check('a handshake by hand', r.statusCode === 101 && r.headers['sec-websocket-accept'] === 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=', r.headers);
	r = await handshake({ 'Sec-WebSocket-Protocol': 'mqtt' });
	check('a subprotocol that is not ours is 400', r.statusCode === 400 && r.headers['x-m2m-rsc'] === '4000', r.statusCode);
	r = await handshake({ 'Sec-WebSocket-Version': '8' });
	check('another version is 426, and ours is named', r.statusCode === 426 && r.headers['sec-websocket-version'] === '13');
	r = await handshake({ Origin: 'https://stranger.example' });
	check("a stranger's page is 403", r.statusCode === 403, r.statusCode);
	r = await handshake({ Origin: 'https://stranger.example', Host: 'stranger.example' });
	check('also when its name leads here', r.statusCode === 403, r.statusCode);
}

async function manners() {
	let device = await connect('CAdmin', 'json');
	const pong = new Promise(done => device.ws.once('pong', data => done(String(data))));
	device.ws.ping('are you there');
	check('a ping is answered', await within(patience, pong, 'pong') === 'are you there');
	device.ws.send(Buffer.from('{}'));
	check('a binary frame is 1003 where text was agreed', (await within(patience, device.closed, 'close')).code === 1003);
	device = await connect('CAdmin', 'json');
	const answer = new Promise(done => device.waiting.set('m1', done));
	device.ws.send('{"op":2,"to":7,"fr":"CAdmin","rqi":"m1","rvi":"3"}');
	const got = await within(patience, answer, 'an answer');
	check('what is malformed is answered 4000', got.rsc === 4000 && 'm2m:dbg' in got.pc, got);
	device.ws.send('{"op":');
	check('what cannot be answered is 1007', (await within(patience, device.closed, 'close')).code === 1007);
	device = await connect('CAdmin', 'json');
	device.ws.send('x'.repeat(3 << 20));
	check('what is too large is 1009', (await within(patience, device.closed, 'close')).code === 1009);
}

// One asks for far more than it reads. The others must not feel it; and when it reads again, all is there. (That it is cut
// when it never does, after 30 s, src/net/ws_test.c shows with a shorter patience.)
async function deaf() {
	const admin = await connect('CAdmin', 'json');
	await admin.create('cse-in', 3, { 'm2m:cnt': { rn: 'big' } });
	await admin.create('cse-in/big', 4, { 'm2m:cin': { rn: 'i', con: 'x'.repeat(100000) } });
	const one = await connect('CAdmin', 'json');
	one.ws.pause();
	const asked = [];
	for (let i = 0; i < 300; i++) asked.push(one.ask(2, 'cse-in/big/i'));
	let worst = 0;
	for (let i = 0; i < 200; i++) {
		const begun = process.hrtime.bigint();
		await admin.ask(2, 'cse-in');
		worst = Math.max(worst, Number(process.hrtime.bigint() - begun) / 1e6);
	}
	check(`others are served meanwhile (slowest ${worst.toFixed(1)} ms)`, worst < 100 || process.env.DURE_SANITIZED, worst);
	admin.ws.close();
	check('none of its answers came yet', one.waiting.size === 300, one.waiting.size);
	one.ws.resume();
	const got = await within(patience, Promise.all(asked), 'the answers');
	check('who reads at last gets all he asked for', got.every(v => v.rsc === 2000 && v.pc['m2m:cin'].con.length === 100000));
	one.ws.close(1000);
	check('and his goodbye is answered', (await within(patience, one.closed, 'close')).code === 1000);
}

(async () => {
	await deaf();
	await encodings();
	await notifications();
	await handshakes();
	await manners();
})().catch(e => check('the story goes on', false, String(e.stack))).finally(() => process.exit());
