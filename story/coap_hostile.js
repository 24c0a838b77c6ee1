// SPDX-License-Identifier: Apache-2.0
// Datagrams that nobody should send, while somebody else asks politely and measures how long he waits.
//
//   node coap_hostile.js KIND PORT [COUNT]
//     broken      truncated, bad tokens, options that overflow, 64 KB, blocks far away: to a CoAP door
//     bodies      COUNT bodies that are begun and never ended, from a hundred sockets
//     random      COUNT datagrams of random bytes behind a good header
//     hellos      COUNT ClientHellos from as many addresses as there is room for: to a DTLS door
//   It ends when all are sent, and prints how many came back.
'use strict';

const dgram = require('dgram');

const [kind, port, wanted] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4] || 1000)];
let heard = 0;
let seed = 42;
const random = (n) => { seed = (seed * 1103515245 + 12345) & 0x7fffffff; return (seed >> 8) % n; };

function open() {
	return new Promise((yes) => {
		const socket = dgram.createSocket('udp4');
		socket.on('message', () => { heard++; });
		socket.on('error', () => {});
		socket.bind(0, '127.0.0.1', () => yes(socket));
	});
}
const send = (socket, bytes) => new Promise((yes) => socket.send(bytes, port, '127.0.0.1', () => yes()));
const hex = (text) => Buffer.from(text.replace(/ /g, ''), 'hex');

function broken() {
	const who = Buffer.concat([hex('b6'), Buffer.from('cse-in')]);
	return [
		'', '40', '4001', '400112', '40010000 b2 61', '4f010000 00', '48010000 01', '40010000 ff', '40010000 f0', '40010000 0f',
		'40010000 e0ffff', '40010000 d0', '40000000 ff00', '80010000', 'c0010000', '00010000', '70010000', '60450000 ff61',
		'40e10000', '405f0000', '40ff0000', '40030000 b161 d103 ff', '40030000 b161 d303 fffffe ff 61', '40010000 b161 c3 fffff6',
		'40010000 b161 c107',
	].map(hex).concat([
		Buffer.alloc(65507), Buffer.concat([hex('40010001'), Buffer.alloc(65503)]),
		Buffer.concat([hex('40020002'), who, hex('ff'), Buffer.alloc(60000, 0x7b)]),
		Buffer.concat([hex('40010003'), who, hex('e0ff00'), Buffer.alloc(1400, 0xff)]),
		Buffer.concat([hex('40010004'), who, hex('ed000160'), Buffer.alloc(109, 0xff)]),
		Buffer.concat([hex('40010005'), ...Array(200).fill(hex('0161'))]),
	]);
}

// PUT with Block1 0/more/16; the path tells them apart.
function begun(i) {
	const name = Buffer.from(String(i).padStart(8, '0'));
	return Buffer.concat([hex('5003'), Buffer.from([i >> 8 & 255, i & 255]), hex('b8'), name, hex('d10308ff'), Buffer.alloc(16, 0x61)]);
}

const hello = hex('16feff000000000000000000360100002a000000000000002afefd' + '61'.repeat(32) + '0000000200a80100');

(async () => {
	const sockets = await Promise.all(Array.from({ length: kind === 'hellos' ? 400 : 100 }, open));
	if (kind === 'broken')
		for (let round = 0; round < 20; round++)
			for (const bytes of broken()) await send(sockets[round], bytes);
	for (let i = 0; kind !== 'broken' && i < wanted; i++) {
		const socket = sockets[i % sockets.length];
		if (kind === 'bodies') await send(socket, begun(i));
		else if (kind === 'hellos') await send(socket, hello);
		else await send(socket, Buffer.concat([Buffer.from([0x40 + random(0x40), random(8), random(256), random(256)]),
			Buffer.from(Array.from({ length: random(60) }, () => random(256)))]));
		if (i % 1000 === 999) await new Promise((yes) => setImmediate(yes));
	}
	setTimeout(() => { console.log(`heard ${heard}`); process.exit(0); }, 200);
})();
