/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens signed once, with keys that were thrown away; their issuer is "das", their holder Cmeter, they are
 * valid in November 2026. */
#ifndef DURE_AUTH_JWS_TEST_H
#define DURE_AUTH_JWS_TEST_H

#define TEST_SECRET "0123456789abcdef0123456789abcdef"
#define TEST_ES256_KEY                                                                                       \
	"-----BEGIN PUBLIC KEY-----\n"                                                                       \
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2VjSjtmgmWoBiFEuWI/JXsgOTN+c\n"                                 \
	"3utfMCP/0SShbnVFqmER+HFZ+H/sdTgWFmqZMlCcI8jyzHUlPB8ribQDUA==\n"                                     \
	"-----END PUBLIC KEY-----\n"
#define TEST_EDDSA_KEY                                                                                       \
	"-----BEGIN PUBLIC KEY-----\n"                                                                       \
	"MCowBQYDK2VwAyEAA+AJU92KKWYsTQuegBPSYEWU8gKwsRg+Y+UQhRzyRd8=\n"                                     \
	"-----END PUBLIC KEY-----\n"
#define TEST_P384_KEY                                                                                        \
	"-----BEGIN PUBLIC KEY-----\n"                                                                       \
	"MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEcTmvm+nbxUjB731eIs9GLjoK+H1YhXrs\n"                                 \
	"TisHvVUd6r348UzmU2swNWPMPkzhmWqKLbwrywxDl6uJyQJXwjmTaPyNyQI2kpUU\n"                                 \
	"zfptoUj4pmL3yHmWL4lr2UN3qCE4w6Ry\n"                                                                 \
	"-----END PUBLIC KEY-----\n"
#define TEST_HS256                                                                                           \
	"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0a2lkIjoidDFAZHVyZS5sb2NhbCIsInRraGQiOiJDbWV0ZXIiL"         \
	"CJ0a2lzIjoiZGFzIiwidGtuYiI6IjIwMjYxMTAxVDAwMDAwMCIsInRrbmEiOiIyMDI2MTIwMVQwMDAwMDAiLCJ0a2F"         \
	"1IjpbIi9pZC1pbiJdfQ.pyopjxD2aPOPISclsbn7MQvWYX3gltdcvSQXazZSz-U"
#define TEST_ES256                                                                                           \
	"eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0a2lkIjoidDFAZHVyZS5sb2NhbCIsInRraGQiOiJDbWV0ZXIiL"         \
	"CJ0a2lzIjoiZGFzIiwidGtuYiI6IjIwMjYxMTAxVDAwMDAwMCIsInRrbmEiOiIyMDI2MTIwMVQwMDAwMDAiLCJ0a2F"         \
	"1IjpbIi9pZC1pbiJdfQ.xjeO6_dvpZqo4IIXjwnBiy1quEWpLVo6jphJ1hHMNN6ubjvUGEYCP7LYO1_nhh7YY3y1Eb"         \
	"gE1DrG6xjd9neMdw"
#define TEST_EDDSA                                                                                           \
	"eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.eyJ0a2lkIjoidDFAZHVyZS5sb2NhbCIsInRraGQiOiJDbWV0ZXIiL"         \
	"CJ0a2lzIjoiZGFzIiwidGtuYiI6IjIwMjYxMTAxVDAwMDAwMCIsInRrbmEiOiIyMDI2MTIwMVQwMDAwMDAiLCJ0a2F"         \
	"1IjpbIi9pZC1pbiJdfQ.Hn7ttUZGw6eXxIrbAFiEDOzgEQ6ld5J80pjx8pqpv8h-l8NdThfCoYgxp9tQ7EWqlV9jdx"         \
	"_Wv63dJ5sYxEfzBg"
#define TEST_NONE                                                                                            \
	"eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJ0a2lkIjoidDFAZHVyZS5sb2NhbCIsInRraGQiOiJDbWV0ZXIiLC"         \
	"J0a2lzIjoiZGFzIiwidGtuYiI6IjIwMjYxMTAxVDAwMDAwMCIsInRrbmEiOiIyMDI2MTIwMVQwMDAwMDAiLCJ0a2F1"         \
	"IjpbIi9pZC1pbiJdfQ.eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg"
#define TEST_CRIT                                                                                            \
	"eyJhbGciOiJIUzI1NiIsImNyaXQiOlsieCJdfQ.eyJ0a2lkIjoidDFAZHVyZS5sb2NhbCIsInRraGQiOiJDbWV0ZXI"         \
	"iLCJ0a2lzIjoiZGFzIiwidGtuYiI6IjIwMjYxMTAxVDAwMDAwMCIsInRrbmEiOiIyMDI2MTIwMVQwMDAwMDAiLCJ0a"         \
	"2F1IjpbIi9pZC1pbiJdfQ.hoCW1RhVD9rWZVTrR9_OrDf-phq5ha8-TeaPgV_GGuw"
/* The old trick: the public key taken for a secret. */
#define TEST_CONFUSED                                                                                        \
	"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0a2lkIjoidDFAZHVyZS5sb2NhbCIsInRraGQiOiJDbWV0ZXIiL"         \
	"CJ0a2lzIjoiZGFzIiwidGtuYiI6IjIwMjYxMTAxVDAwMDAwMCIsInRrbmEiOiIyMDI2MTIwMVQwMDAwMDAiLCJ0a2F"         \
	"1IjpbIi9pZC1pbiJdfQ.gwz8N-FXgCP0zKzkhcrkUrKQETFBIWRslYbVwRtWJcg"
#define TEST_STRANGER                                                                                        \
	"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0a2lkIjoidDFAZHVyZS5sb2NhbCIsInRraGQiOiJDbWV0ZXIiL"         \
	"CJ0a2lzIjoib3RoZXIiLCJ0a25iIjoiMjAyNjExMDFUMDAwMDAwIiwidGtuYSI6IjIwMjYxMjAxVDAwMDAwMCIsInR"         \
	"rYXUiOlsiL2lkLWluIl19.wZQwKhYkbEuwiBmAUh8oBY8s7IsJpLB73SyBIMFD6DE"

#endif
