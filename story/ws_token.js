// SPDX-License-Identifier: Apache-2.0
// Who may speak as whom over wss: a token in the handshake, none, a wrong one, and one that is revoked meanwhile.
//
//   node ws_token.js URL CA DURE DATA-DIR      writes TAP lines without a plan
'use strict';

const { execFileSync } = require('child_process');
const fs = require('fs');
const { Device, check, within } = require('./ws_device.js');

const [url, ca, dure, data] = process.argv.slice(2);
const credential = (...args) => execFileSync(dure, ['credential', ...args, '--data-dir', data, '--output', 'json'],
	{ stdio: ['ignore', 'pipe', 'ignore'] }).toString();
const connect = (fr, encoding, token) => new Device(url, fr, encoding,
	{ ca: fs.readFileSync(ca), headers: token ? { Authorization: `Bearer ${token}` } : {} }).opened;

// The node looks at the file when it changes, not before.
async function connectSoon(fr, encoding, token) {
	for (let left = 100; ; left--) {
		try {
			return await connect(fr, encoding, token);
		} catch (error) {
			if (!left) throw error;
			await new Promise(done => setTimeout(done, 50));
		}
	}
}

(async () => {
	const ae = { 'm2m:ae': { rn: 'meter', api: 'N.meter', rr: true, srv: ['3'] } };
	const nobody = await connect('Cmeter', 'json');
	let got = await nobody.create('cse-in', 2, ae);
	check('without a proof: 4107', got.rsc === 4107, got);
	const refused = await connect('Cmeter', 'json', 'dure-wrong').catch(error => error.message);
	check('a wrong token opens no connection', String(refused).includes('403'), refused);

	const made = JSON.parse(credential('add', '--kind', 'token', '--originator', 'Cmeter'));
	const meter = await connectSoon('Cmeter', 'cbor', made.token);
	got = await meter.create('cse-in', 2, ae);
	check('with its token over TLS it registers', got.rsc === 2001, got);
	meter.fr = 'Cother';
	got = await meter.ask(2, 'cse-in');
	check('but not as somebody else: 4106', got.rsc === 4106, got);
	meter.fr = 'Cmeter';
	got = await meter.ask(2, 'cse-in/meter');
	check('the connection lives on', got.rsc === 2000, got);
	const con = 'x'.repeat(300000);
	await meter.create('cse-in/meter', 3, { 'm2m:cnt': { rn: 'c' } });
	got = await meter.create('cse-in/meter/c', 4, { 'm2m:cin': { con } });
	check('a large message goes in', got.rsc === 2001, got.rsc);
	got = await meter.ask(2, 'cse-in/meter/c/la');
	check('and comes back', got.rsc === 2000 && got.pc['m2m:cin'].con === con, got.rsc);
	credential('revoke', made.id);
	check('a revoked token closes the connection with 1008', (await within(10000, meter.closed, 'the end')).code === 1008);
})().catch(e => check('the story goes on', false, String(e.stack))).finally(() => process.exit());
