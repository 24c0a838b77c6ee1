/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DURE_DURED_SERVICE_H
#define DURE_DURED_SERVICE_H

/* Tells the service manager how we are ("READY=1"); does nothing when there is none. sd_notify(3) */
void service_tell(const char *state);

#endif
