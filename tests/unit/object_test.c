// SPDX-License-Identifier: BSD-2-Clause
/*
 * The object allocator: sizes, alignment, contents, exact accounting, and mistakes of its users.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <corbel/arch.h>
#include <corbel/object.h>
#include <corbel/page.h>
#include <fake.h>
#include <sequence.h>

static struct page_statistics pages_before;
static struct object_statistics objects_before;

static void note_before(void)
{
	object_trim();
	page_statistics_get(&pages_before);
	object_statistics_get(&objects_before);
}

static void expect_as_before(void)
{
	struct page_statistics pages;
	struct object_statistics objects;

	object_trim();
	page_statistics_get(&pages);
	object_statistics_get(&objects);
	assert_memory_equal(&pages, &pages_before, sizeof(pages));
	assert_memory_equal(&objects, &objects_before, sizeof(objects));
}

static bool all_bytes_are(const uint8_t *bytes, uint8_t value, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] != value)
			return false;
	}
	return true;
}

static void check_size(size_t size)
{
	uint8_t *object = object_alloc(size);
	struct object_statistics now;

	assert_non_null(object);
	assert_true(IS_ALIGNED((uintptr_t)object, size >= PAGE_SIZE ? PAGE_SIZE : 16));
	assert_true(all_bytes_are(object, 0, size));
	object_statistics_get(&now);
	assert_int_equal(now.live_count, objects_before.live_count + 1);
	assert_int_equal(now.live_bytes, objects_before.live_bytes + size);
	memset(object, 0xff, size);
	object_free(object);
}

static void test_sizes(void **state)
{
	(void)state;
	note_before();
	for (size_t size = 1; size < 3 * PAGE_SIZE; size++)
		check_size(size);
	check_size(OBJECT_SIZE_MAX);
	check_size(OBJECT_SIZE_MAX - 1);
	expect_as_before();
}

static void test_refused(void **state)
{
	(void)state;
	note_before();
	assert_null(object_alloc(0));
	assert_null(object_alloc(OBJECT_SIZE_MAX + 1));
	assert_null(object_alloc(SIZE_MAX));
	assert_null(object_alloc_array(0, 8));
	assert_null(object_alloc_array(8, 0));
	assert_null(object_alloc_array(SIZE_MAX / 2, 4));
	assert_null(object_alloc_array((size_t)1 << 63, 2));
	/* Of the product only 16 would be left. */
	assert_null(object_alloc_array(SIZE_MAX / 16 + 2, 16));
	object_free(NULL);
	expect_as_before();
}

static void test_helpers(void **state)
{
	uint64_t *array;
	char *copy;

	(void)state;
	note_before();
	array = object_alloc_array(100, sizeof(*array));
	assert_true(all_bytes_are((uint8_t *)array, 0, 100 * sizeof(*array)));
	object_free(array);
	copy = object_strdup("a name");
	assert_string_equal(copy, "a name");
	object_free(copy);
	copy = object_strdup("");
	assert_string_equal(copy, "");
	object_free(copy);
	expect_as_before();
}

struct entry {
	uint8_t *object;
	size_t size;
	uint8_t mark;
};

static size_t random_size(uint64_t *seed)
{
	static const size_t limits[] = { 64, 512, 5000, 100000 };

	return 1 + sequence_below(seed, limits[sequence_below(seed, ARRAY_SIZE(limits))]);
}

/* Random sizes in random order: contents stay, everything is given back, twice the same. */
static void churn(uint64_t seed)
{
	static struct entry entries[500];

	for (unsigned int step = 0; step < 20000; step++) {
		struct entry *entry = &entries[sequence_below(&seed, ARRAY_SIZE(entries))];

		if (entry->object != NULL) {
			assert_true(all_bytes_are(entry->object, entry->mark, entry->size));
			object_free(entry->object);
			entry->object = NULL;
			continue;
		}
		entry->size = random_size(&seed);
		entry->mark = (uint8_t)step;
		entry->object = object_alloc(entry->size);
		assert_non_null(entry->object);
		assert_true(all_bytes_are(entry->object, 0, entry->size));
		memset(entry->object, entry->mark, entry->size);
	}
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
		object_free(entries[i].object);
		entries[i].object = NULL;
	}
}

static void test_churn(void **state)
{
	(void)state;
	note_before();
	for (uint64_t seed = 1; seed < 4; seed++) {
		churn(seed);
		expect_as_before();
	}
}

/* What stays alive must not keep more pages than it did before others came and went. */
static void test_survivors(void **state)
{
	void *survivors[50], *guests[400];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(survivors); i++)
		survivors[i] = object_alloc(200);
	note_before();
	for (size_t i = 0; i < ARRAY_SIZE(guests); i++)
		guests[i] = object_alloc(200);
	for (size_t i = 0; i < ARRAY_SIZE(guests); i++)
		object_free(guests[i]);
	expect_as_before();
	for (size_t i = 0; i < ARRAY_SIZE(survivors); i++)
		object_free(survivors[i]);
}

static void test_exhaustion(void **state)
{
	struct chain {
		struct chain *next;
	} *chain = NULL, *link;
	size_t count = 0;

	(void)state;
	note_before();
	/* Megabytes, then pages, then the last small ones. */
	for (size_t size = MIB(1); size >= 32; size = size == MIB(1) ? 4000 : size / 125) {
		while ((link = object_alloc(size)) != NULL) {
			link->next = chain;
			chain = link;
			count++;
		}
	}
	assert_true(count > FAKE_MEMORY_SIZE / MIB(1) / 2);
	assert_null(object_alloc(PAGE_SIZE));
	for (; chain != NULL; chain = link) {
		link = chain->next;
		object_free(chain);
	}
	expect_as_before();
}

/* ---- the table of live objects ---- */

static char printed[8192];

static void print_to_buffer(struct printer *printer, const char *text, size_t length)
{
	(void)printer;
	strncat(printed, text, length);
}

static void test_print(void **state)
{
	struct printer printer = { .write = print_to_buffer };
	unsigned int rows = 0;
	void *objects[7];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(objects); i++)
		objects[i] = object_alloc(1000 + 1);
	printed[0] = '\0';
	object_print(&printer);
	assert_memory_equal(printed, "ALLOCATED BY", 12);
	assert_non_null(strstr(printed, " 7         7007\n"));
	for (const char *at = printed; (at = strchr(at, '\n')) != NULL; at++)
		rows++;
	assert_int_equal(rows, 2);
	for (size_t i = 0; i < ARRAY_SIZE(objects); i++)
		object_free(objects[i]);
	printed[0] = '\0';
	object_print(&printer);
	assert_null(strstr(printed, "7007"));
}

/* ---- mistakes that must not pass ---- */

static size_t victim_size;

static void free_twice(void *argument)
{
	void *object = object_alloc(victim_size);

	(void)argument;
	object_free(object);
	object_free(object);
}

/* The same with a neighbour, so that the slab stays in use. */
static void free_twice_in_slab(void *argument)
{
	void *neighbour = object_alloc(victim_size), *object = object_alloc(victim_size);

	(void)argument;
	(void)neighbour;
	object_free(object);
	object_free(object);
}

static void free_inside(void *argument)
{
	(void)argument;
	object_free((uint8_t *)object_alloc(victim_size) + 16);
}

__attribute__((no_sanitize("address"))) static void overrun(void *argument)
{
	volatile uint8_t *object = object_alloc(victim_size);

	(void)argument;
	object[victim_size] = 0;
	object_free((void *)object);
}

__attribute__((no_sanitize("address"))) static void write_after_free(void *argument)
{
	void *neighbour = object_alloc(victim_size);
	volatile uint8_t *object = object_alloc(victim_size);

	(void)argument;
	(void)neighbour;
	object_free((void *)object);
	object[victim_size - 1] ^= 1;
	for (unsigned int i = 0; i < 200; i++)
		object_alloc(victim_size);
}

static void test_mistakes(void **state)
{
	static const size_t small_sizes[] = { 1, 16, 17, 100, 1000, 3000 };
	static const size_t large_sizes[] = { 4100, 5000, 100000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(small_sizes); i++) {
		victim_size = small_sizes[i];
		assert_panics(free_twice_in_slab, NULL, "SLOT_");
		assert_panics(free_inside, NULL, "assertion");
		assert_panics(overrun, NULL, "was written to behind its");
		assert_panics(write_after_free, NULL, "was written to after it had been freed");
	}
	for (size_t i = 0; i < ARRAY_SIZE(large_sizes); i++) {
		victim_size = large_sizes[i];
		assert_panics(free_twice, NULL, "large != NULL");
		assert_panics(overrun, NULL, "was written to behind its");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),	  cmocka_unit_test(test_refused),
		cmocka_unit_test(test_helpers),	  cmocka_unit_test(test_churn),
		cmocka_unit_test(test_survivors), cmocka_unit_test(test_exhaustion),
		cmocka_unit_test(test_print),	  cmocka_unit_test(test_mistakes),
	};

	return cmocka_run_group_tests(tests, fake_memory_setup, NULL);
}
