// SPDX-License-Identifier: BSD-2-Clause
/*
 * The checks of guests, see guest_checks.h.
 */
#include <string.h>

#include <libfdt.h>

#include <corbel/arch.h>
#include <corbel/object.h>
#include <corbel/page.h>
#include <fake_guest.h>
#include <fake_vdev.h>

#include "guest_checks.h"
#include "input.h"

static struct page_statistics pages;
static struct object_statistics objects;

void check_accounts_open(void)
{
	object_trim();
	page_statistics_get(&pages);
	object_statistics_get(&objects);
}

void check_accounts_balance(void)
{
	struct page_statistics pages_now;
	struct object_statistics objects_now;

	object_trim();
	page_statistics_get(&pages_now);
	object_statistics_get(&objects_now);
	FUZZ_CHECK(memcmp(&pages_now, &pages, sizeof(pages)) == 0);
	FUZZ_CHECK(memcmp(&objects_now, &objects, sizeof(objects)) == 0);
	FUZZ_CHECK(fake_device_count == 0);
}

void check_sentence(const char *text)
{
	FUZZ_CHECK(text[0] != '\0');
	for (; *text != '\0'; text++)
		FUZZ_CHECK(*text >= ' ' && *text <= '~');
}

/* ---- memory ---- */

static void region_check(const struct guest *guest, const struct region *region)
{
	bool mapped = region->kind != REGION_DEVICE;
	uint64_t last = region->base.raw + region->size - 1;
	unsigned int flags = fake_gmem_flags(guest, region->base);

	FUZZ_CHECK(region->size > 0 && last >= region->base.raw);
	FUZZ_CHECK((flags != 0) == mapped);
	FUZZ_CHECK((region->vdev != NULL) == (region->kind != REGION_RAM));
	FUZZ_CHECK(guest_region_find(guest, region->base) == region);
	FUZZ_CHECK(guest_region_find(guest, GPA(last)) == region);
	if (!mapped)
		return;
	FUZZ_CHECK(fake_gmem_translate(guest, region->base) == region->host.raw);
	FUZZ_CHECK(fake_gmem_translate(guest, GPA(last)) == region->host.raw + region->size - 1);
	FUZZ_CHECK(((flags & GMEM_DEVICE) != 0) == (region->kind == REGION_PASSTHROUGH));
	FUZZ_CHECK(region->kind != REGION_RAM || region->size == (uint64_t)PAGE_SIZE
									 << region->page_order);
}

static bool hosts_overlap(const struct region *a, const struct region *b)
{
	return a->kind != REGION_DEVICE && b->kind != REGION_DEVICE &&
	       a->host.raw < b->host.raw + b->size && b->host.raw < a->host.raw + a->size;
}

void check_guest_memory(const struct guest *guest)
{
	uint64_t ram = 0, read = 0;
	unsigned int mapped = 0;

	for (unsigned int i = 0; i < guest->region_count; i++) {
		const struct region *region = &guest->regions[i];

		region_check(guest, region);
		mapped += region->kind != REGION_DEVICE;
		ram += region->kind == REGION_RAM ? region->size : 0;
		if (i > 0)
			FUZZ_CHECK(region[-1].base.raw + region[-1].size <= region->base.raw);
		for (unsigned int j = 0; j < i; j++)
			FUZZ_CHECK(!hosts_overlap(region, &guest->regions[j]));
		FUZZ_CHECK((guest_memory_read(guest, region->base, &read, 1) == 0) ==
			   (region->kind == REGION_RAM));
	}
	FUZZ_CHECK(fake_gmem_count(guest) == mapped);
	FUZZ_CHECK(ram == guest->ram_bytes && ram > 0);
}

/* ---- the tree that is handed over ---- */

static void node_check(const void *fdt, int node)
{
	const char *name;
	int property;

	FUZZ_CHECK(strcmp(fdt_get_name(fdt, node, NULL), "corbel,files") != 0 ||
		   fdt_parent_offset(fdt, node) != 0);
	fdt_for_each_property_offset(property, fdt, node) {
		FUZZ_CHECK(fdt_getprop_by_offset(fdt, property, &name, NULL) != NULL);
		FUZZ_CHECK(strncmp(name, "corbel,", 7) != 0);
	}
}

void check_guest_handover(const struct guest *guest)
{
	const struct vcpu_start *start = &fake_vcpu(guest->vcpus[0])->start;
	struct fdt_header header;
	int node = 0;
	void *fdt;

	FUZZ_CHECK(fake_vcpu(guest->vcpus[0])->reset_count == 1);
	FUZZ_CHECK(start->argument % PAGE_SIZE == 0);
	FUZZ_CHECK(guest_memory_read(guest, GPA(start->argument), &header, sizeof(header)) == 0);
	FUZZ_CHECK(fdt_totalsize(&header) <= MIB(4));
	fdt = malloc(fdt_totalsize(&header));
	FUZZ_CHECK(fdt != NULL);
	FUZZ_CHECK(guest_memory_read(guest, GPA(start->argument), fdt, fdt_totalsize(&header)) ==
		   0);
	FUZZ_CHECK(fdt_check_full(fdt, fdt_totalsize(&header)) == 0);
	for (; node >= 0; node = fdt_next_node(fdt, node, NULL))
		node_check(fdt, node);
	FUZZ_CHECK(fdt_path_offset(fdt, "/chosen") >= 0);
	free(fdt);
}
