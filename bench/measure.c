/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/measure.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>

#include "base/clock.h"

/* The processor time that the server used since it began, ns: on a machine with other work to do this says
 * more than the rate. 0 when not asked for. */
static uint64_t measure_server(const struct measure *m)
{
	char path[64];
	uint64_t ns = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/schedstat", m->pid);
	file = m->pid ? fopen(path, "re") : NULL;
	if (file && fscanf(file, "%" SCNu64, &ns) != 1)
		ns = 0;
	if (file)
		fclose(file);
	return ns;
}

void measure_begin(struct measure *m)
{
	m->begun = clock_wall_steady();
	m->counting_from = m->warm > 0 ? -1 : m->begun;
	m->server_ns = measure_server(m);
}

bool measure_answer(struct measure *m, int64_t asked, int64_t now, uint64_t bytes)
{
	if (m->counting_from < 0) {
		if (now < m->begun + (int64_t)(m->warm * 1e6))
			return false;
		m->counting_from = now;
		m->server_ns = measure_server(m);
	}
	m->answered++;
	m->bytes += bytes;
	histogram_add(&m->times, now - asked);
	return true;
}

void measure_refuse(struct measure *m, const char *format, ...)
{
	va_list args;

	if (m->refused++)
		return;
	va_start(args, format);
	vsnprintf(m->trouble, sizeof(m->trouble), format, args);
	va_end(args);
}

void measure_lose(struct measure *m, const char *why)
{
	if (!m->lost++ && !m->refused)
		snprintf(m->trouble, sizeof(m->trouble), "%s", why);
}

uint64_t measure_draw(struct measure *m, uint64_t over)
{
	uint64_t x = m->random ? m->random : 0x9e3779b97f4a7c15;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	m->random = x;
	return x % over;
}

static double measure_own_seconds(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

void measure_report(const struct measure *m, const char *name)
{
	int64_t now = clock_wall_steady();
	double whole = (double)(now - m->begun) / 1e6, answers = m->answered ? (double)m->answered : 1.0;
	double took = m->counting_from < 0 ? whole : (double)(now - m->counting_from) / 1e6;

	printf("rate=%.0f answers=%" PRIu64 " refused=%" PRIu64 " lost=%" PRIu64 " bytes=%.0f p50=%" PRId64
	       " p99=%" PRId64 " p999=%" PRId64 " max=%" PRId64 " notified=%" PRIu64
	       " seconds=%.3f cpu=%.2f server_us=%.2f\n",
	       (double)m->answered / took, m->answered, m->refused, m->lost, (double)m->bytes / answers,
	       histogram_at(&m->times, 0.5), histogram_at(&m->times, 0.99), histogram_at(&m->times, 0.999),
	       m->times.max, m->notified, took, measure_own_seconds() / whole,
	       (double)(measure_server(m) - m->server_ns) / 1e3 / answers);
	if (m->refused || m->lost)
		fprintf(stderr, "%s: %" PRIu64 " refused, %" PRIu64 " lost. %s\n", name, m->refused, m->lost,
		        m->trouble);
}
