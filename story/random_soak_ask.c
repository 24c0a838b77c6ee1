/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked at random: mostly right, sometimes not, and now and then with bytes changed on the way. */
#include <stdio.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "story/random_soak.h"

static unsigned soak_roll(struct soak_dice *dice, unsigned of)
{
	/* xorshift64 */
	dice->state ^= dice->state << 13;
	dice->state ^= dice->state >> 7;
	dice->state ^= dice->state << 17;
	return (unsigned)((dice->state >> 11) % of);
}

#define SOAK_ONE(dice, list) (list)[soak_roll((dice), sizeof(list) / sizeof((list)[0]))]

/* Where things stand, and what stands there; what the shapes below make. */
static const char *const parents[] = {"c1", "c1", "c2", "c3", "c4", "a1", "a2", "x1", "x2"};
static const char *const leaves[] = {"la",     "ol", "g1", "g1/fopt", "g2/fopt", "s1", "s2", "h1",
                                     "h1/pcu", "f1", "p1", "p2",      "n1",      "t1", "i1", "none"};
static const char *const originators[] = {"CAdmin", "CAdmin", "CAdmin", "CAdmin", "CAdmin", "CAdmin",
                                          "CAdmin", "CAdmin", "CAdmin", "CAdmin", "CAdmin", "CAdmin",
                                          "CAdmin", "Ca",     "Ca",     "Ca",     "Cb",     "C",
                                          "S",      "",       "/mn-1"};

static void soak_path(struct soak_dice *dice, struct buf *buf)
{
	static const char *const roots[] = {"cse-in", "cse-in",  "cse-in",         "cse-in",
	                                    "cse-in", "-",       "~/id-in/cse-in", "_/dure.local/id-in/-",
	                                    "Ca",     "~/mn-1/x"};

	buf_add_slice(buf, slice_of(SOAK_ONE(dice, roots)));
	for (unsigned depth = soak_roll(dice, 6) * 3 / 5; depth > 0; depth--)
		buf_printf(buf, "/%s", SOAK_ONE(dice, parents));
	if (soak_roll(dice, 5) == 0)
		buf_printf(buf, "/%s", SOAK_ONE(dice, leaves));
}

/* %d a digit of a name, %p an address, %g and %b who may be notified, %n a number. */
static const struct {
	int ty;
	const char *text;
} shapes[] = {
        {2, "{'m2m:ae':{'rn':'a%d','api':'N.x','rr':true,'srv':['3'],'poa':['http://127.0.0.1:%g/s/1']}}"},
        {2, "{'m2m:ae':{'rn':'a%d','api':'N.x','rr':false,'srv':['3']}}"},
        {3, "{'m2m:cnt':{'rn':'c%d','mni':5,'lbl':['k:%n','v']}}"},
        {3, "{'m2m:cnt':{'rn':'c%d','mbs':40}}"},
        {3, "{'m2m:cnt':{'rn':'c%d'}}"},
        {3, "{'m2m:cnt':{'rn':'x1','mia':1}}"},
        {3, "{'m2m:cnt':{'rn':'x2','et':'20991231T235959'}}"},
        {4, "{'m2m:cin':{'con':'%n'}}"},
        {4, "{'m2m:cin':{'con':%n.50}}"},
        {4, "{'m2m:cin':{'con':'\\uac70\\uc2e4 %n','lbl':['k:%n'],'cnf':'text/plain:0'}}"},
        {4, "{'m2m:cin':{'con':{'v':[%n,2.50,null,true]}}}"},
        {4, "{'m2m:cin':{'con':'%n'}}"},
        {4, "{'m2m:cin':{'rn':'i%d','con':'%n'}}"},
        {9, "{'m2m:grp':{'rn':'g%d','mnm':4,'mid':['%p','%p']}}"},
        {1, "{'m2m:acp':{'rn':'p%d','pv':{'acr':[{'acor':['all'],'acop':%n}]},'pvs':{'acr':[{'acor':['Ca'],'"
            "acop':63}]}}}"},
        {23, "{'m2m:sub':{'rn':'s%d','nu':['http://127.0.0.1:%g/s/%n'],'enc':{'net':[1,2,3,4]},'exc':50}}"},
        {23, "{'m2m:sub':{'rn':'s%d','nu':['http://127.0.0.1:%b/s/1'],'enc':{'net':[3]},'pn':2}}"},
        {23, "{'m2m:sub':{'rn':'s%d','nu':['Ca'],'enc':{'net':[3]},'bn':{'num':3}}}"},
        {15, "{'m2m:pch':{'rn':'h%d'}}"},
        {28, "{'cod:binSh':{'rn':'f%d','cnd':'org.onem2m.common.moduleclass.binarySwitch','powS':true}}"},
        {14, "{'m2m:nod':{'rn':'n%d','ni':'urn:x:%n'}}"},
        {18, "{'m2m:sch':{'rn':'t%d','se':{'sce':['* * * * * * *']}}}"},
        {3, "{'m2m:cnt':{'mni':%n}}"},
        {3, "{'m2m:cnt':{'mni':null,'lbl':['k:%n']}}"},
        {3, "{'m2m:cnt':{'acpi':['%p']}}"},
        {2, "{'m2m:ae':{'apn':'%n'}}"},
        {28, "{'cod:binSh':{'powS':false}}"},
        {3, "{'m2m:cnt':{'mni':'%n'}}"},
        {4, "{'m2m:cin':{}}"},
        {4, "{'m2m:cnt':[%n]}"},
        {5, "{'m2m:cb':{}}"},
        {17, "{'m2m:rsp':{'rsc':2000,'rqi':'1'}}"},
};

static void soak_body(struct soak_dice *dice, const struct soak_world *world, const char *shape,
                      struct buf *buf)
{
	for (const char *c = shape; *c; c++) {
		if (*c != '%') {
			buf_add_char(buf, *c == '\'' ? '"' : *c);
			continue;
		}
		switch (*++c) {
		case 'd':
			buf_printf(buf, "%u", 1 + soak_roll(dice, 4) % 3);
			break;
		case 'p':
			soak_path(dice, buf);
			break;
		case 'g':
			buf_printf(buf, "%d", world->good_port);
			break;
		case 'b':
			buf_printf(buf, "%d", world->bad_port);
			break;
		case 'n':
			buf_printf(buf, "%u", soak_roll(dice, 64));
			break;
		}
	}
}

static const char *const queries[] = {
        "rcn=0",
        "rcn=1",
        "rcn=2",
        "rcn=3",
        "rcn=4",
        "rcn=5",
        "rcn=6",
        "rcn=8",
        "rcn=9",
        "rcn=11",
        "rcn=4&lvl=1",
        "fu=1",
        "fu=1&lbl=k:1",
        "fu=1&lbl=k:*&ty=4",
        "fu=1&ty=3+4&lim=3&ofst=2",
        "fu=1&sza=3&fo=2&cra=20200101T000000",
        "fu=1&lvl=2&drt=2",
        "fu=1&arp=la",
        "fu=1&cr=Ca&rcn=6",
        "fu=2&ty=3",
        "rcn=8&ty=4&lim=2",
        "atrl=ri+lbl",
        "atrl=nothing",
        "fu=1&cty=text/plain",
        "fu=1&c.rn=a",
        "rt=1",
        "rt=2",
        "rt=4",
        "rt=3",
        "fu=9",
        "lim=x",
        "rcn=12",
        "fu=1&cfs=1&cfq=$.v",
        "da=true",
        "fu=1&crb=20991231T235959&us=20200101T000000",
};

static const char *const headers[] = {
        "X-M2M-RET: 200\r\n",
        "X-M2M-RET: 20200101T000000\r\n",
        "X-M2M-OET: 50\r\n",
        "X-M2M-RST: 5000\r\n",
        "X-M2M-RTU: http://127.0.0.1:9/\r\n",
        "X-M2M-EC: 4\r\n",
        "X-M2M-OT: 20260101T000000\r\n",
        "Accept: text/plain\r\n",
        "X-M2M-VSI: x\r\n",
        "Connection: close\r\n",
        "X-M2M-GID: g1\r\n",
        "Accept: */*\r\n",
};

/* Mostly what makes sense with the method: for an update something without a name, else often an instance. */
static size_t soak_shape(struct soak_dice *dice, bool updates)
{
	size_t shape = soak_roll(dice, sizeof(shapes) / sizeof(*shapes));

	for (int i = 0; i < 50 && soak_roll(dice, updates ? 20 : 2); i++) {
		if (updates ? !strstr(shapes[shape].text, "'rn'") && shapes[shape].ty != 4
		            : shapes[shape].ty == 4)
			break;
		shape = soak_roll(dice, sizeof(shapes) / sizeof(*shapes));
	}
	return shape;
}

static void soak_request(struct soak_dice *dice, const struct soak_world *world, struct buf *buf)
{
	static const char *const methods[] = {"POST", "POST", "POST", "POST", "POST", "POST", "POST",
	                                      "GET",  "GET",  "GET",  "GET",  "PUT",  "PUT",  "NOTIFY"};
	const char *method = soak_roll(dice, 100) ? SOAK_ONE(dice, methods) : "DELETE";
	size_t shape = soak_shape(dice, method[1] == 'U');
	bool writes = method[0] == 'P', notifies = method[0] == 'N';
	struct buf path, body;
	char more[120] = "";
	struct ask ask = {
	        .method = notifies ? "POST" : method, .from = SOAK_ONE(dice, originators), .more = more};

	buf_init(&path, NULL);
	buf_init(&body, NULL);
	buf_add_char(&path, '/');
	soak_path(dice, &path);
	if (soak_roll(dice, writes ? 6 : 2) == 0)
		buf_printf(&path, "?%s", SOAK_ONE(dice, queries));
	buf_add_char(&path, 0);
	if (writes || notifies)
		soak_body(dice, world, shapes[shape].text, &body);
	if (soak_roll(dice, 12) == 0)
		snprintf(more, sizeof(more), "%s", SOAK_ONE(dice, headers));
	ask.path = path.ptr;
	ask.body = buf_slice(&body);
	if (method[0] == 'P' && method[1] == 'O')
		ask.ty = soak_roll(dice, 40) ? shapes[shape].ty : (int)soak_roll(dice, 80);
	story_write(buf, &ask);
	buf_finish(&path);
	buf_finish(&body);
}

/* Changes, takes away or adds a few bytes. */
static void soak_garble(struct soak_dice *dice, struct buf *buf)
{
	for (unsigned times = 1 + soak_roll(dice, 4); times > 0 && buf->len > 8; times--) {
		size_t at = soak_roll(dice, (unsigned)buf->len), n = 1 + soak_roll(dice, 4);
		char byte = (char)soak_roll(dice, 256);

		switch (soak_roll(dice, 4)) {
		case 0:
			buf->ptr[at] = byte;
			break;
		case 1:
			buf->ptr[at] = (char)(buf->ptr[at] ^ (1 << soak_roll(dice, 8)));
			break;
		case 2:
			n = n < buf->len - at ? n : buf->len - at;
			memmove(buf->ptr + at, buf->ptr + at + n, buf->len - at - n);
			buf->len -= n;
			break;
		case 3:
			buf_room(buf, 1);
			memmove(buf->ptr + at + 1, buf->ptr + at, buf->len - at);
			buf->ptr[at] = byte;
			buf->len++;
			break;
		}
	}
}

/* Anything may come of it but a fault of ours. */
static bool soak_makes_sense(const struct answer *answer, bool garbled)
{
	if (answer->status == 0)
		/* It may have begun so that there is nothing to answer: an empty line. */
		return garbled && answer->fault && strcmp(answer->fault, "hung up without an answer") == 0;
	/* Pages and OPTIONS have no code, and only a garbled request finds them. */
	if (answer->rsc == 0)
		return garbled && answer->status < 500;
	if (answer->rsc == 5000)
		return false;
	/* Only what waits for others may take its time. */
	return answer->rsc < 4000 || story_is_refusal(answer, answer->status, answer->rsc);
}

bool soak_ask(struct story *story, const struct soak_world *world, struct soak_dice *dice, struct line *line)
{
	bool garbled = soak_roll(dice, 8) == 0, good;
	struct line own = {.fd = -1}, *on = garbled ? &own : line;
	struct answer answer;
	struct buf bytes;

	buf_init(&bytes, NULL);
	soak_request(dice, world, &bytes);
	if (garbled)
		soak_garble(dice, &bytes);
	if (on->fd < 0 || on->ended) {
		story_hang_up(on);
		story_connect(story, on);
	}
	story_send(on, buf_slice(&bytes));
	/* A body that was announced longer than it is ends here. */
	if (garbled)
		shutdown(on->fd, SHUT_WR);
	story_hear(story, on, &answer);
	good = soak_makes_sense(&answer, garbled);
	if (!good)
		story_note("%s%.*s\n-> %s HTTP %d, X-M2M-RSC %d, %lld ms\n%.*s", garbled ? "garbled: " : "",
		           (int)bytes.len, bytes.ptr, answer.fault ? answer.fault : "", answer.status,
		           answer.rsc, (long long)answer.us / 1000, SLICE_ARG(answer.body));
	if (story_has(answer.head, "Connection: close"))
		story_hang_up(line);
	story_hang_up(&own);
	buf_finish(&bytes);
	return good;
}
