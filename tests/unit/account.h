// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a guest's life must leave as it was: memory and devices, counted before and compared after.
 * Needs <cmocka.h> and what that needs before it.
 */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include <string.h>

#include <corbel/object.h>
#include <corbel/page.h>
#include <fake_vdev.h>

struct account {
	struct page_statistics pages;
	struct object_statistics objects;
	unsigned int devices;
};

static inline void account_take(struct account *out)
{
	memset(out, 0, sizeof(*out));
	object_trim();
	page_statistics_get(&out->pages);
	object_statistics_get(&out->objects);
	out->devices = fake_device_count;
}

static inline void assert_nothing_leaked(const struct account *before)
{
	struct account now;

	account_take(&now);
	assert_memory_equal(&now.objects, &before->objects, sizeof(now.objects));
	assert_memory_equal(&now.pages, &before->pages, sizeof(now.pages));
	assert_int_equal(now.devices, before->devices);
}

#endif
