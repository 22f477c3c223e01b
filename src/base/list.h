/*
 * list - an intrusive, circular, doubly linked list.
 *
 * Embed a struct list in what is listed; a head is one too. Nothing is
 * allocated. list_item() goes from the link to its holder.
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *prev, *next;
};

#define list_item(link, type, member) \
	((type *)(void *)((char *)(link) - offsetof(type, member)))

/* The body may remove the item it is at. */
#define list_each(link, after, head) \
	for ((link) = (head)->next; \
	    (after) = (link)->next, (link) != (head); (link) = (after))

static inline void
list_init(struct list *head)
{
	head->prev = head->next = head;
}

static inline bool
list_is_empty(const struct list *head)
{
	return head->next == head;
}

static inline void
list_push(struct list *head, struct list *link)	/* at the end */
{
	link->prev = head->prev;
	link->next = head;
	head->prev->next = link;
	head->prev = link;
}

static inline void
list_remove(struct list *link)	/* may be called again */
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
	link->prev = link->next = link;
}

#endif
