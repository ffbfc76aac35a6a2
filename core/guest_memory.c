// SPDX-License-Identifier: BSD-2-Clause
/*
 * A guest's physical address space: its regions, its memory, copying from and to it. How the
 * processor is told is the port's affair (arch_gmem_*).
 */
#include <errno.h>
#include <string.h>

#include <corbel/arch.h>
#include <corbel/guest.h>
#include <corbel/object.h>
#include <corbel/page.h>
#include <corbel/panic.h>

#include "guest_private.h"

#define ROM_FLAGS (GMEM_READ | GMEM_EXECUTE)
#define RAM_FLAGS (ROM_FLAGS | GMEM_WRITE)

/* ---- making regions ---- */

static uint64_t block_size(unsigned int order)
{
	return (uint64_t)PAGE_SIZE << order;
}

/* The largest order that alignment and what is left of the range allow. */
static unsigned int block_order(uint64_t address, uint64_t left)
{
	unsigned int order = 0;

	while (order < PAGE_ORDER_MAX && IS_ALIGNED(address, block_size(order + 1)) &&
	       left >= block_size(order + 1))
		order++;
	return order;
}

/* A zeroed block of that order or, where memory is fragmented, the largest that there is. */
static int block_alloc(unsigned int *order, hpa_t *out)
{
	int available = page_order_available();

	if (available < 0)
		return available;
	*order = MIN(*order, (unsigned int)available);
	for (;;) {
		if (page_alloc_zeroed(*order, PAGE_USE_GUEST, out) == 0)
			return 0;
		if (*order == 0)
			return -ENOMEM;
		(*order)--;
	}
}

static uint64_t bytes_free(void)
{
	struct page_statistics statistics;

	page_statistics_get(&statistics);
	return statistics.free_bytes;
}

static int out_of_memory(const struct guest *guest, uint64_t needed, uint64_t available,
			 struct error *error)
{
	return error_set(error, -ENOMEM, "%s: the guest needs %llu MiB of RAM, %llu MiB are free",
			 guest->tree_file, (unsigned long long)ALIGN_UP(needed, MIB(1)) >> 20,
			 (unsigned long long)available >> 20);
}

/* Allocates and maps the block that begins a stretch of memory; `*size` is what it covers. */
static int memory_block_add(struct guest *guest, const struct guest_range *range, uint64_t address,
			    uint64_t *size, struct error *error)
{
	struct region *region = &guest->regions[guest->region_count];
	unsigned int order = block_order(address, range->base + range->size - address);
	unsigned int flags = range->kind == REGION_RAM ? RAM_FLAGS : ROM_FLAGS;
	hpa_t host;
	int result;

	if (guest->region_count == GUEST_REGION_MAX)
		return guest_node_error(guest, range->node, error, -ENOSPC,
					"free memory is so fragmented that its RAM would take more "
					"than %u pieces",
					GUEST_REGION_MAX);
	result = block_alloc(&order, &host);
	if (result != 0)
		return guest_node_error(guest, range->node, error, result,
					"memory ran out while its RAM was allocated");
	result = arch_gmem_map(guest, GPA(address), host, block_size(order), flags);
	if (result != 0) {
		page_free(host, order, PAGE_USE_GUEST);
		return guest_node_error(guest, range->node, error, result,
					"its RAM at 0x%llx cannot be mapped: %s",
					(unsigned long long)address, error_name(result));
	}
	*region = (struct region){ .base = GPA(address),
				   .size = block_size(order),
				   .kind = range->kind,
				   .host = host,
				   .page_order = order };
	guest->region_count++;
	*size = block_size(order);
	return 0;
}

static int memory_range_add(struct guest *guest, const struct guest_range *range,
			    struct error *error)
{
	uint64_t done = 0, size = 0;
	int result;

	while (done < range->size) {
		result = memory_block_add(guest, range, range->base + done, &size, error);
		if (result != 0)
			return result;
		done += size;
	}
	if (range->kind == REGION_RAM)
		guest->ram_bytes += range->size;
	return 0;
}

/* Gives the guest the host's own registers. */
static int passthrough_map(struct guest *guest, const struct guest_range *range,
			   struct region *region, struct error *error)
{
	int result;

	region->kind = REGION_PASSTHROUGH;
	region->host = passthrough_host_get(region->vdev, range->index);
	if (!IS_ALIGNED(range->base | range->size, PAGE_SIZE))
		return guest_node_error(guest, range->node, error, -EINVAL,
					"reg entry %u must be whole pages to be passed through",
					range->index);
	result = arch_gmem_map(guest, region->base, region->host, region->size,
			       GMEM_READ | GMEM_WRITE | GMEM_DEVICE);
	if (result != 0)
		return guest_node_error(guest, range->node, error, result,
					"reg entry %u cannot be mapped: %s", range->index,
					error_name(result));
	return 0;
}

static int device_range_add(struct guest *guest, const struct guest_range *range,
			    struct error *error)
{
	struct region *region = &guest->regions[guest->region_count];
	struct vdev *vdev = guest_vdev_find(guest, range->node);

	ASSERT(vdev != NULL);
	if (guest->region_count == GUEST_REGION_MAX)
		return guest_node_error(guest, range->node, error, -ENOSPC,
					"the guest has more than %u regions", GUEST_REGION_MAX);
	*region = (struct region){ .base = GPA(range->base),
				   .size = range->size,
				   .kind = REGION_DEVICE,
				   .vdev = vdev,
				   .vdev_region = range->index };
	guest->region_count++;
	return vdev->type == &passthrough_type ? passthrough_map(guest, range, region, error) : 0;
}

int guest_regions_create(struct guest *guest, const struct guest_plan *plan, struct error *error)
{
	uint64_t available = bytes_free();
	int result = 0;

	if (plan->ram_bytes > available || plan->rom_bytes > available - plan->ram_bytes)
		return out_of_memory(guest, plan->ram_bytes + plan->rom_bytes, available, error);
	guest->regions = object_alloc_array(GUEST_REGION_MAX, sizeof(*guest->regions));
	if (guest->regions == NULL)
		return error_set(error, -ENOMEM, "%s: no memory for the guest's regions",
				 guest->tree_file);
	for (unsigned int i = 0; result == 0 && i < plan->range_count; i++) {
		if (plan->ranges[i].kind == REGION_DEVICE)
			result = device_range_add(guest, &plan->ranges[i], error);
		else
			result = memory_range_add(guest, &plan->ranges[i], error);
	}
	return result;
}

void guest_regions_destroy(struct guest *guest)
{
	for (unsigned int i = 0; i < guest->region_count; i++) {
		const struct region *region = &guest->regions[i];

		if (region->kind == REGION_RAM || region->kind == REGION_ROM)
			page_free(region->host, region->page_order, PAGE_USE_GUEST);
	}
	object_free(guest->regions);
	guest->regions = NULL;
	guest->region_count = 0;
}

/* ---- finding them ---- */

const struct region *guest_region_find(const struct guest *guest, gpa_t address)
{
	unsigned int low = 0, high = guest->region_count;

	while (low < high) {
		unsigned int middle = (low + high) / 2;
		const struct region *region = &guest->regions[middle];

		if (address.raw < region->base.raw)
			high = middle;
		else if (address.raw - region->base.raw < region->size)
			return region;
		else
			low = middle + 1;
	}
	return NULL;
}

/* ---- copying ---- */

/* Host memory behind the address and how much of it there is in one piece. */
static uint8_t *memory_piece(const struct guest *guest, gpa_t address, bool rom, uint64_t *size)
{
	const struct region *region = guest_region_find(guest, address);
	uint64_t offset;

	if (region == NULL)
		return NULL;
	if (region->kind != REGION_RAM && !(rom && region->kind == REGION_ROM))
		return NULL;
	offset = address.raw - region->base.raw;
	*size = region->size - offset;
	return (uint8_t *)arch_hpa_to_pointer(region->host) + offset;
}

static bool memory_is_there(const struct guest *guest, gpa_t address, uint64_t size, bool rom)
{
	uint64_t piece;

	while (size > 0) {
		if (memory_piece(guest, address, rom, &piece) == NULL)
			return false;
		if (piece >= size)
			return true;
		size -= piece;
		address = gpa_add(address, piece);
	}
	return true;
}

bool guest_memory_is_ram(const struct guest *guest, gpa_t address, uint64_t size)
{
	return memory_is_there(guest, address, size, false);
}

void *guest_memory_pointer(const struct guest *guest, gpa_t address, uint64_t *available)
{
	return memory_piece(guest, address, false, available);
}

int guest_memory_read(const struct guest *guest, gpa_t address, void *buffer, size_t size)
{
	uint8_t *bytes = buffer;
	uint64_t piece;

	if (!memory_is_there(guest, address, size, true))
		return -EFAULT;
	for (size_t done = 0; done < size; done += piece) {
		const uint8_t *memory = memory_piece(guest, gpa_add(address, done), true, &piece);

		piece = MIN(piece, size - done);
		memcpy(bytes + done, memory, piece);
	}
	return 0;
}

static int memory_write(struct guest *guest, gpa_t address, const void *buffer, size_t size,
			bool rom)
{
	const uint8_t *bytes = buffer;
	uint64_t piece;

	if (!memory_is_there(guest, address, size, rom))
		return -EFAULT;
	for (size_t done = 0; done < size; done += piece) {
		uint8_t *memory = memory_piece(guest, gpa_add(address, done), rom, &piece);

		piece = MIN(piece, size - done);
		memcpy(memory, bytes + done, piece);
	}
	return 0;
}

int guest_memory_write(struct guest *guest, gpa_t address, const void *buffer, size_t size)
{
	return memory_write(guest, address, buffer, size, false);
}

/* ---- loading ---- */

bool guest_memory_load_is_possible(const struct guest *guest, gpa_t address, uint64_t size)
{
	return memory_is_there(guest, address, size, true);
}

int guest_memory_load(struct guest *guest, gpa_t address, const void *buffer, size_t size)
{
	return memory_write(guest, address, buffer, size, true);
}

int guest_memory_load_zeros(struct guest *guest, gpa_t address, uint64_t size)
{
	uint64_t piece;

	if (!memory_is_there(guest, address, size, true))
		return -EFAULT;
	for (uint64_t done = 0; done < size; done += piece) {
		uint8_t *memory = memory_piece(guest, gpa_add(address, done), true, &piece);

		piece = MIN(piece, size - done);
		memset(memory, 0, piece);
	}
	return 0;
}
