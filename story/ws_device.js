// SPDX-License-Identifier: Apache-2.0
// One end of a connection to a node, by npm's ws: asks in any encoding, answers what it is told, and counts checks.
'use strict';

const WebSocket = require('ws');
const cbor = require('./ws_cbor.js');

const patience = 10000;
let count = 0;

function check(what, good, more) {
	count++;
	console.log(`${good ? 'ok' : 'not ok'} ${count} - ${what}`);
	if (!good) console.log(`# ${more === undefined ? '' : JSON.stringify(more)}`);
}

function within(ms, promise, what) {
	let timer;
	const late = new Promise((_, no) => { timer = setTimeout(() => no(new Error(`${what}: not within ${ms} ms`)), ms); });
	return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// XML is only looked at as text: what stands in an element.
const xml = {
	encode(v) {
		const inner = o => Object.entries(o).map(([name, value]) => [].concat(value).map(one =>
			`<${name}>${typeof one === 'object' ? inner(one) : one}</${name}>`).join('')).join('');
		const text = inner({ [v.rsc ? 'm2m:rsp' : 'm2m:rqp']: v });
		return text.replace('>', ' xmlns:m2m="http://www.onem2m.org/xml/protocols">');
	},
	decode(text) {
		const pick = name => (text.match(new RegExp(`<${name}>([^<]*)</${name}>`)) || [])[1];
		const v = { xml: text, rqi: pick('rqi') };
		if (pick('rsc')) v.rsc = Number(pick('rsc'));
		if (pick('op')) v.op = Number(pick('op'));
		v.pc = {};
		const root = text.match(/<pc[^>]*>\s*<(m2m:\w+)/);
		if (root) v.pc[root[1]] = {};
		return v;
	},
};

class Device {
	// options: of npm's ws
	constructor(url, fr, encoding, options) {
		this.fr = fr;
		this.encoding = encoding;
		this.waiting = new Map();
		this.notified = [];
		this.hearing = [];
		this.binary = null;
		this.n = 0;
		this.ws = new WebSocket(url.replace(/^http/, 'ws') + '/', `oneM2M.${encoding}`, options);
		this.ws.on('message', (data, binary) => this.message(data, binary));
		this.closed = new Promise(done => this.ws.on('close', (code, reason) => done({ code, reason: String(reason) })));
		this.opened = within(patience, new Promise((yes, no) => {
			this.ws.on('open', () => yes(this));
			this.ws.on('error', no);
		}), 'the handshake');
	}
	write(v) {
		const codec = { json: JSON, xml, cbor }[this.encoding];
		this.ws.send((codec.encode || codec.stringify)(v));
	}
	message(data, binary) {
		this.binary = binary;
		const v = this.encoding === 'cbor' ? cbor.decode(data) : this.encoding === 'xml' ? xml.decode(String(data)) : JSON.parse(data);
		if (v.rsc) {
			const done = this.waiting.get(v.rqi);
			this.waiting.delete(v.rqi);
			if (done) done(v);
			return;
		}
		this.write({ rsc: 2000, rqi: v.rqi, rvi: '3' });
		this.notified.push(v);
		this.hearing.splice(0).forEach(done => done());
	}
	ask(op, to, more) {
		const rqi = `${this.fr}-${++this.n}`;
		const answer = new Promise(done => this.waiting.set(rqi, done));
		this.write({ op, to, fr: this.fr, rqi, rvi: '3', ...more });
		return within(patience, answer, `an answer to ${op} ${to}`);
	}
	create(to, ty, pc) {
		return this.ask(1, to, { ty, pc });
	}
	async hear(count) {
		while (this.notified.length < count)
			await within(patience, new Promise(done => this.hearing.push(done)), `notification ${count}`);
		return this.notified[count - 1];
	}
}

module.exports = { Device, check, within };
