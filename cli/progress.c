/* SPDX-License-Identifier: Apache-2.0 */
/* The bar: how far, how fast, how many went wrong. */
#include "cli/progress.h"

#include "base/clock.h"

#include <stdio.h>
#include <unistd.h>

#define WIDTH 30

void progress_init(struct progress *progress, enum language language, uint64_t total)
{
	*progress = (struct progress){.language = language, .total = total, .started = clock_steady()};
	progress->is_terminal = isatty(STDERR_FILENO) != 0;
}

static void draw(struct progress *progress, uint64_t done, uint64_t errors)
{
	int64_t now = clock_steady();
	double seconds = (double)(now - progress->started) / 1e6;
	double share = progress->total ? (double)done / (double)progress->total : 1;
	int full = (int)(share * WIDTH);
	progress->shown = now;
	fprintf(stderr, "\r[");
	for (int i = 0; i < WIDTH; i++)
		fputs(i < full ? "█" : "·", stderr);
	fprintf(stderr, "] %3d%%  ", (int)(share * 100));
	fprintf(stderr, T(progress, PROGRESS), (unsigned long long)done, (unsigned long long)progress->total,
	        seconds > 0 ? (double)done / seconds : 0, (unsigned long long)errors);
	fputs("\033[K", stderr);
	fflush(stderr);
}

void progress_show(struct progress *progress, uint64_t done, uint64_t errors)
{
	if (progress->is_terminal && clock_steady() - progress->shown > 100 * 1000)
		draw(progress, done, errors);
}

void progress_end(struct progress *progress, uint64_t done, uint64_t errors)
{
	if (!progress->is_terminal)
		return;
	draw(progress, done, errors);
	fputc('\n', stderr);
}

void progress_clear(struct progress *progress)
{
	if (progress->is_terminal)
		fputs("\r\033[K", stderr);
}
