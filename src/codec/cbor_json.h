/* SPDX-License-Identifier: Apache-2.0 */
/* JSON text straight to CBOR, without a tree between: for what the engine has as JSON already. */
#ifndef DURE_CODEC_CBOR_JSON_H
#define DURE_CODEC_CBOR_JSON_H

#include "base/buf.h"

/* `json` is one value that we wrote ourselves; should it not be, what cannot be read becomes null. */
void cbor_json_write(struct buf *buf, struct slice json);

#endif
