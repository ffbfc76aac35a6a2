// SPDX-License-Identifier: BSD-2-Clause
/*
 * The checks of virtual devices, see device_checks.h. Not the sequence of accesses in between.
 */
#include <fake_board.h>
#include <vdev/i8259.h>

#include "device_checks.h"
#include "input.h"

static uint64_t get(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size)
{
	uint64_t value = 0;

	FUZZ_CHECK(fake_region_read_try(vdev, region, offset, size, &value) == 0);
	return value;
}

static void put(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
		uint64_t value)
{
	FUZZ_CHECK(fake_region_write_try(vdev, region, offset, size, value) == 0);
}

static bool vcpu_input(const struct check_board *check, unsigned int vcpu, unsigned int input)
{
	return (check->board->vcpus[vcpu].arch.irq_levels >> input & 1) != 0;
}

/* ---- PLIC ---- */

#define PLIC_PENDING(word)	   (0x1000 + 4 * (uint64_t)(word))
#define PLIC_ENABLE(context, word) (0x2000 + 0x80 * (uint64_t)(context) + 4 * (uint64_t)(word))
#define PLIC_THRESHOLD(context)	   (0x200000 + 0x1000 * (uint64_t)(context))
#define PLIC_CLAIM(context)	   (0x200004 + 0x1000 * (uint64_t)(context))

/* What the context would be given: the highest priority, the lowest number among equals. 0: none.
 */
static uint32_t plic_best(struct vdev *plic, unsigned int context, uint32_t *priority)
{
	uint32_t best = 0;

	*priority = 0;
	for (uint32_t word = 0; word < CHECK_PLIC_SOURCES / 32; word++) {
		uint32_t set = (uint32_t)(get(plic, 0, PLIC_PENDING(word), 4) &
					  get(plic, 0, PLIC_ENABLE(context, word), 4));

		for (uint32_t bit = 0; bit < 32 && set >> bit != 0; bit++) {
			uint32_t source = 32 * word + bit, value;

			if ((set >> bit & 1) == 0)
				continue;
			value = (uint32_t)get(plic, 0, 4 * (uint64_t)source, 4);
			if (value > *priority) {
				*priority = value;
				best = source;
			}
		}
	}
	return best;
}

static void plic_check(const struct check_board *check)
{
	struct vdev *plic = check->devices[CHECK_PLIC];

	FUZZ_CHECK((get(plic, 0, PLIC_PENDING(0), 4) & 1) == 0);
	for (unsigned int context = 1; context < CHECK_PLIC_CONTEXTS; context++) {
		uint32_t threshold = (uint32_t)get(plic, 0, PLIC_THRESHOLD(context), 4), priority;

		(void)plic_best(plic, context, &priority);
		FUZZ_CHECK(vcpu_input(check, context % FAKE_BOARD_VCPUS,
				      9 + context / FAKE_BOARD_VCPUS) == (priority > threshold));
	}
}

/* ---- 8259 ---- */

static void i8259_check(const struct check_board *check)
{
	struct vdev *pair = check->devices[CHECK_I8259];

	/* Only edges: timer, keyboard, cascade, clock and FPU. */
	FUZZ_CHECK((get(pair, 2, 0, 1) & 0x07) == 0);
	FUZZ_CHECK((get(pair, 2, 1, 1) & 0x21) == 0);
}

/* Without a request the vector is that of input 7. */
static void i8259_acknowledge_check(const struct check_board *check)
{
	bool asks = vcpu_input(check, 0, CHECK_I8259_OUTPUT);
	uint8_t vector = i8259_acknowledge(check->devices[CHECK_I8259]);

	FUZZ_CHECK(asks || (vector & 7) == 7);
}

void check_acknowledge(struct check_board *check, unsigned int choice)
{
	unsigned int context = 1 + choice % (CHECK_PLIC_CONTEXTS - 1);
	uint32_t priority, best;

	if (check->malta) {
		i8259_acknowledge_check(check);
		return;
	}
	best = plic_best(check->devices[CHECK_PLIC], context, &priority);
	FUZZ_CHECK(get(check->devices[CHECK_PLIC], 0, PLIC_CLAIM(context), 4) == best);
	plic_check(check);
}

/* ---- 16550 ---- */

static void uart_check(const struct check_board *check)
{
	uint32_t input = check->malta ? 4 : 10;
	uint64_t identification;
	bool level = check->board->levels[input];

	identification = get(check->devices[CHECK_UART], 0, check->malta ? 2 << 3 : 2, 1);
	FUZZ_CHECK(!check->direct || level == ((identification & 1) == 0));
}

/* ---- clocks ---- */

static void goldfish_check(const struct check_board *check)
{
	bool enabled = get(check->devices[CHECK_GOLDFISH], 0, 0x10, 4) != 0;

	FUZZ_CHECK(!check->direct || enabled || !check->board->levels[11]);
}

static uint8_t rtc_get(struct vdev *rtc, uint8_t number)
{
	put(rtc, 0, 0, 1, number);
	return (uint8_t)get(rtc, 0, 1, 1);
}

static void rtc_field_check(struct vdev *rtc, uint8_t number, uint8_t b, unsigned int least,
			    unsigned int most)
{
	unsigned int value = rtc_get(rtc, number);

	if (number == 4 && (b & 0x02) == 0)
		value &= 0x7f;
	if ((b & 0x04) == 0) {
		FUZZ_CHECK((value & 15) <= 9 && value >> 4 <= 9);
		value = (value >> 4) * 10 + (value & 15);
	}
	FUZZ_CHECK(value >= least && value <= most);
}

/* The output says what register C says, and reading that lowers it. What runs shows a real time. */
static void mc146818_check(const struct check_board *check)
{
	struct vdev *rtc = check->devices[CHECK_MC146818];
	bool level = check->board->levels[8];
	uint8_t c = rtc_get(rtc, 12), a = rtc_get(rtc, 10), b = rtc_get(rtc, 11);

	FUZZ_CHECK(rtc_get(rtc, 13) == 0x80);
	if (check->direct) {
		FUZZ_CHECK(!level || (c & 0x80) != 0);
		FUZZ_CHECK(!check->board->levels[8]);
	}
	if ((b & 0x80) != 0 || (a & 0x60) == 0x60)
		return;
	rtc_field_check(rtc, 0, b, 0, 59);
	rtc_field_check(rtc, 2, b, 0, 59);
	rtc_field_check(rtc, 4, b, (b & 0x02) != 0 ? 0 : 1, (b & 0x02) != 0 ? 23 : 12);
	rtc_field_check(rtc, 7, b, 1, 31);
	rtc_field_check(rtc, 8, b, 1, 12);
	rtc_field_check(rtc, 9, b, 0, 99);
}

/* A counter that counts in decimal shows decimal digits. */
static void i8254_check(const struct check_board *check)
{
	struct vdev *timer = check->devices[CHECK_I8254];

	for (unsigned int counter = 0; counter < 3; counter++) {
		unsigned int status, bytes;

		/* Read-back of count and status; the status comes first. */
		put(timer, 0, 3, 1, 0xc0 | 2u << counter);
		status = (unsigned int)get(timer, 0, counter, 1);
		FUZZ_CHECK((status >> 4 & 3) != 0 && (status >> 1 & 7) <= 5);
		for (bytes = (status >> 4 & 3) == 3 ? 2 : 1; bytes > 0; bytes--) {
			unsigned int value = (unsigned int)get(timer, 0, counter, 1);

			FUZZ_CHECK((status & 1) == 0 || ((value & 15) <= 9 && value >> 4 <= 9));
		}
	}
}

/* ---- bridges and the rest ---- */

static uint32_t config_get(struct vdev *host, unsigned int slot, unsigned int offset)
{
	put(host, 0, 0xcf8, 4, 0x80000000u | slot << 8 | offset);
	return (uint32_t)get(host, 0, 0xcfc, 4);
}

/* Who is on the bus does not change, but the guest may have moved the registers away. */
static void host_check(const struct check_board *check)
{
	struct vdev *host = check->devices[CHECK_HOST];

	if (get(host, 0, 0x120, 4) != 3)
		return;
	put(host, 0, 0xc00, 4, 0x10001);
	FUZZ_CHECK(config_get(host, 0, 0) == 0x462011ab);
	FUZZ_CHECK(config_get(host, 10 << 3, 0) == 0x71108086);
	FUZZ_CHECK(config_get(host, 10 << 3 | 1, 0) == 0x71118086);
	FUZZ_CHECK(config_get(host, 10 << 3 | 3, 0) == 0x71138086);
	FUZZ_CHECK(config_get(host, 11 << 3, 0) == UINT32_MAX);
}

static void malta_check(struct check_board *check, unsigned int which)
{
	switch (which) {
	case CHECK_I8259:
		i8259_check(check);
		break;
	case CHECK_UART:
		uart_check(check);
		break;
	case CHECK_HOST:
		host_check(check);
		break;
	case CHECK_I8254:
		i8254_check(check);
		break;
	case CHECK_MC146818:
		mc146818_check(check);
		break;
	case CHECK_FPGA:
		FUZZ_CHECK(get(check->devices[which], 1, 0, 4) == 0x420);
		break;
	case CHECK_FPGA_BIG:
		FUZZ_CHECK(get(check->devices[which], 1, 0, 4) == 0x20040000);
		break;
	default:
		break;
	}
}

void check_device(struct check_board *check, unsigned int which)
{
	if (check->malta) {
		malta_check(check, which);
		return;
	}
	switch (which) {
	case CHECK_PLIC:
		plic_check(check);
		break;
	case CHECK_UART:
		uart_check(check);
		break;
	case CHECK_GOLDFISH:
		goldfish_check(check);
		break;
	default:
		FUZZ_CHECK(get(check->devices[CHECK_SYSCON], 0, 0, 4) == 0);
		break;
	}
}

bool check_may_request(const struct check_board *check, unsigned int which)
{
	if (!check->malta)
		return which == CHECK_SYSCON;
	return which == CHECK_BRIDGE || which == CHECK_FPGA || which == CHECK_FPGA_BIG;
}
