/* SPDX-License-Identifier: Apache-2.0 */
/* What a broker must hold its users to, so that its word for an originator can be taken: as an acl_file of
 * mosquitto. TS-0010 6.4 */
#ifndef DURE_CLI_CREDENTIAL_ACL_H
#define DURE_CLI_CREDENTIAL_ACL_H

#include "auth/credential_file.h"

#include <stdio.h>

/* The MQTT credentials that are not revoked; cse_user and cse_id ("/id-in") add the CSE itself; each may be
 * NULL. */
void credential_acl_print(const struct credential_list *list, const char *cse_user, const char *cse_id,
                          FILE *file);

#endif
