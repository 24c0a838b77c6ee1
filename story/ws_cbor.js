// SPDX-License-Identifier: Apache-2.0
// Just enough CBOR (RFC 8949) for primitives: what our own library does not write and read here.
'use strict';

function head(major, n) {
	if (n < 24) return Buffer.from([major << 5 | n]);
	if (n < 256) return Buffer.from([major << 5 | 24, n]);
	if (n < 65536) return Buffer.from([major << 5 | 25, n >> 8, n & 255]);
	const b = Buffer.alloc(5);
	b[0] = major << 5 | 26;
	b.writeUInt32BE(n, 1);
	return b;
}

exports.encode = function encode(v) {
	if (v === null) return Buffer.from([0xf6]);
	if (typeof v === 'boolean') return Buffer.from([v ? 0xf5 : 0xf4]);
	if (typeof v === 'number') return v < 0 ? head(1, -1 - v) : head(0, v);
	if (typeof v === 'string') {
		const text = Buffer.from(v, 'utf8');
		return Buffer.concat([head(3, text.length), text]);
	}
	if (Array.isArray(v)) return Buffer.concat([head(4, v.length), ...v.map(encode)]);
	const names = Object.keys(v);
	return Buffer.concat([head(5, names.length), ...names.flatMap(n => [encode(n), encode(v[n])])]);
};

exports.decode = function (bytes) {
	let at = 0;
	function number(info) {
		if (info < 24) return info;
		const len = 1 << (info - 24);
		let n = 0n;
		for (let i = 0; i < len; i++) n = n << 8n | BigInt(bytes[at++]);
		return Number(n);
	}
	function value() {
		const first = bytes[at++], major = first >> 5, info = first & 31;
		if (major === 7) {
			if (info === 26) { at += 4; return bytes.readFloatBE(at - 4); }
			if (info === 27) { at += 8; return bytes.readDoubleBE(at - 8); }
			return { 20: false, 21: true, 22: null }[info];
		}
		const n = number(info);
		if (major === 0) return n;
		if (major === 1) return -1 - n;
		if (major === 4) return Array.from({ length: n }, value);
		if (major === 5) {
			const object = {};
			for (let i = 0; i < n; i++) { const name = value(); object[name] = value(); }
			return object;
		}
		at += n;
		const text = bytes.subarray(at - n, at);
		return major === 3 ? text.toString('utf8') : text;
	}
	const v = value();
	if (at !== bytes.length) throw new Error('bytes behind the value');
	return v;
};
