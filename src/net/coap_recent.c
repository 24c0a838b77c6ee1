/* SPDX-License-Identifier: Apache-2.0 */
/* Slots are filled one after the other, round and round; a hash over sender and ID leads to a chain of them.
 * Answers are copies on the heap, and the oldest go when there are too many bytes. */
#include "net/coap_recent.h"

#include <stdlib.h>

#include "base/mem.h"

#define RECENT_SENDER 40
#define RECENT_NONE   UINT32_MAX

struct recent_slot {
	uint64_t hash;
	int64_t at;
	char *answer;
	uint32_t answer_len;
	uint32_t next; /* in the chain */
	uint32_t turn; /* of the ring when it was filled; 0: empty */
	uint16_t id;
	uint8_t sender_len;
	char sender[RECENT_SENDER];
};

struct coap_recent {
	struct recent_slot *slots;
	uint32_t *heads;
	uint32_t mask;
	uint32_t newest; /* the next slot to be filled */
	uint32_t oldest; /* the oldest one whose answer is kept */
	uint32_t turn;
	size_t bytes, most;
	uint64_t seed;
};

struct coap_recent *coap_recent_create(uint32_t slots, size_t bytes)
{
	struct coap_recent *recent = mem_zero(1, sizeof(*recent));

	recent->slots = mem_zero(slots, sizeof(*recent->slots));
	recent->heads = mem_take(slots * sizeof(*recent->heads));
	memset(recent->heads, 0xff, slots * sizeof(*recent->heads));
	recent->mask = slots - 1;
	recent->most = bytes;
	recent->turn = 1;
	recent->seed = (uint64_t)(uintptr_t)recent->slots;
	return recent;
}

void coap_recent_destroy(struct coap_recent *recent)
{
	if (!recent)
		return;
	for (uint32_t i = 0; i <= recent->mask; i++)
		free(recent->slots[i].answer);
	free(recent->slots);
	free(recent->heads);
	free(recent);
}

static void recent_forget_answer(struct coap_recent *recent, struct recent_slot *slot)
{
	recent->bytes -= slot->answer_len;
	free(slot->answer);
	slot->answer = NULL;
	slot->answer_len = 0;
}

/* Takes a slot out of its chain and empties it. */
static void recent_clear(struct coap_recent *recent, uint32_t index)
{
	struct recent_slot *slot = &recent->slots[index];
	uint32_t *at = &recent->heads[slot->hash & recent->mask];

	if (slot->turn == 0)
		return;
	while (*at != index)
		at = &recent->slots[*at].next;
	*at = slot->next;
	recent_forget_answer(recent, slot);
	slot->turn = 0;
}

static uint32_t recent_find(const struct coap_recent *recent, uint64_t hash, struct slice sender, uint16_t id)
{
	uint32_t index = recent->heads[hash & recent->mask];

	for (; index != RECENT_NONE; index = recent->slots[index].next) {
		const struct recent_slot *slot = &recent->slots[index];

		if (slot->hash == hash && slot->id == id &&
		    slice_is(slice_make(slot->sender, slot->sender_len), sender))
			break;
	}
	return index;
}

static struct coap_recent_place recent_fill(struct coap_recent *recent, uint64_t hash, struct slice sender,
                                            uint16_t id, int64_t now_us)
{
	uint32_t index = recent->newest;
	struct recent_slot *slot = &recent->slots[index];

	recent_clear(recent, index);
	*slot = (struct recent_slot){.hash = hash,
	                             .at = now_us,
	                             .next = recent->heads[hash & recent->mask],
	                             .turn = recent->turn,
	                             .id = id,
	                             .sender_len = (uint8_t)sender.len};
	memcpy(slot->sender, sender.ptr, sender.len);
	recent->heads[hash & recent->mask] = index;
	recent->newest = (index + 1) & recent->mask;
	if (recent->oldest == index)
		recent->oldest = recent->newest;
	if (recent->newest == 0 && ++recent->turn == 0)
		recent->turn = 1;
	return (struct coap_recent_place){index, slot->turn};
}

bool coap_recent_is_new(struct coap_recent *recent, struct slice sender, uint16_t id, int64_t now_us,
                        int64_t lifetime_us, struct coap_recent_place *ret_place, struct slice *ret_answer)
{
	uint64_t hash;
	uint32_t index;

	if (sender.len > RECENT_SENDER)
		sender.len = RECENT_SENDER;
	hash = slice_hash(sender, recent->seed + id);
	index = recent_find(recent, hash, sender, id);
	if (index != RECENT_NONE && recent->slots[index].at + lifetime_us >= now_us) {
		const struct recent_slot *slot = &recent->slots[index];

		*ret_place = (struct coap_recent_place){index, slot->turn};
		*ret_answer = slice_make(slot->answer, slot->answer_len);
		return false;
	}
	if (index != RECENT_NONE)
		recent_clear(recent, index);
	*ret_place = recent_fill(recent, hash, sender, id, now_us);
	*ret_answer = SLICE("");
	return true;
}

void coap_recent_answer(struct coap_recent *recent, struct coap_recent_place place, struct slice answer)
{
	struct recent_slot *slot = &recent->slots[place.slot & recent->mask];

	if (place.turn == 0 || slot->turn != place.turn)
		return;
	recent_forget_answer(recent, slot);
	if (answer.len == 0 || answer.len > recent->most)
		return;
	while (recent->bytes + answer.len > recent->most) {
		/* Without its answer a request that comes again would be taken for a new one: gone with it.
		 */
		recent_clear(recent, recent->oldest);
		recent->oldest = (recent->oldest + 1) & recent->mask;
	}
	if (slot->turn == 0)
		return; /* it was the oldest itself */
	slot->answer = mem_take(answer.len);
	memcpy(slot->answer, answer.ptr, answer.len);
	slot->answer_len = (uint32_t)answer.len;
	recent->bytes += answer.len;
}
