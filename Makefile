# mi-token: `make deps all demo check`, `make install`; README.md lists every target.
# SPDX-License-Identifier: MIT

PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
LIBDIR     ?= $(PREFIX)/lib
LIBEXECDIR ?= $(PREFIX)/libexec
INCLUDEDIR ?= $(PREFIX)/include
MANDIR     ?= $(PREFIX)/share/man
SYSCONFDIR ?= $(if $(filter /usr/local,$(PREFIX)),/etc,$(if $(filter /usr,$(PREFIX)),/etc,$(PREFIX)/etc))
PKG_CONFIG ?= pkg-config

comma := ,
B := build/$(if $(SAN),san-$(subst $(comma),-,$(SAN)),plain)
Q := $(if $(V),,@)
objects = $(patsubst %.c,$(B)/obj/%.o,$(1))

lib_src  := $(wildcard plugin/base/*.c plugin/io/*.c plugin/source/*.c plugin/core/*.c)
base_src := $(wildcard plugin/base/*.c)
cmd_src  := $(wildcard helper/*.c)
unit_aid := tests/unit/test.c tests/unit/script.c
unit_src := $(filter-out $(unit_aid) tests/unit/server.c,$(wildcard tests/unit/*.c))

WARN := -Wall -Wextra -Wshadow -Wconversion -Wcast-qual -Wwrite-strings -Wstrict-prototypes \
        -Wmissing-prototypes -Wformat=2 -Wundef -Wvla $(if $(WERROR),-Werror)
HARDEN := -O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection
ALL_CFLAGS = -std=c11 -g -D_GNU_SOURCE -Iplugin -fPIC -fvisibility=hidden -pthread -MMD -MP $(WARN) \
             $(if $(SAN),-O1 -fno-omit-frame-pointer -fsanitize=$(SAN),$(HARDEN)) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS = -pthread -Wl,-z,relro,-z,now,-z,noexecstack -Wl,-O1,--as-needed \
              $(if $(SAN),-fsanitize=$(SAN)) $(LDFLAGS)
DEFS := $(if $(SAN),,-Wl,-z,defs)

programs := $(B)/bin/mi-token
modules  := $(B)/lib/mi-token/transport.so $(B)/lib/mi-token/json.so
library  := $(B)/lib/libmi-token.so.0
units    := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(unit_src))

all: $(library) $(B)/lib/libmi-token.so $(modules) $(programs)

$(B)/flags: FORCE # rewritten only when compiler or flags change
	@mkdir -p $(@D)
	@echo '$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS)' | cmp -s - $@ || echo '$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS)' >$@

$(B)/obj/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(library): $(call objects,$(lib_src)) plugin/mi-token.map
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $(DEFS) -shared -Wl,-soname,$(@F),--version-script=plugin/mi-token.map \
		-o $@ $(filter %.o,$^) -lconfig

$(B)/lib/libmi-token.so: $(library)
	$(Q)ln -sf $(<F) $@

$(B)/lib/libmi-token.a: $(call objects,$(lib_src))
	@mkdir -p $(@D)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/lib/mi-token/transport.so: module_libs := -lcurl -lssl -lcrypto
$(B)/lib/mi-token/transport.so: $(call objects,$(wildcard plugin/module/curl*.c) $(base_src))
$(B)/lib/mi-token/json.so: module_libs := -ljson-c
$(B)/lib/mi-token/json.so: $(call objects,$(wildcard plugin/module/jsonc*.c) plugin/io/json.c plugin/io/module.c $(base_src))
$(modules): plugin/module/module.map
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $(DEFS) -shared -Wl,--version-script=plugin/module/module.map \
		-o $@ $(filter %.o,$^) $(module_libs)

$(B)/bin/mi-token: $(call objects,$(cmd_src) $(base_src)) $(library) $(B)/lib/libmi-token.so
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -Wl,-rpath,'$$ORIGIN/../lib' -o $@ $(filter %.o,$^) -L$(B)/lib -lmi-token

# Our objects' allocations go through the spy of tests/unit/test.c.
WRAP := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
$(B)/tests/unit/chaos $(B)/tests/unit/http $(B)/tests/unit/tls: $(B)/obj/tests/unit/server.o
$(B)/tests/unit/tls: unit_libs := -lssl -lcrypto
$(units): $(B)/tests/unit/%: $(B)/obj/tests/unit/%.o $(call objects,$(unit_aid)) $(B)/lib/libmi-token.a | $(modules)
	@mkdir -p $(@D)
	$(Q)ln -sfn ../../lib/mi-token $(@D)/mi-token
	$(Q)$(CC) $(ALL_LDFLAGS) $(WRAP) -o $@ $(filter %.o %.a,$^) -lconfig $(unit_libs)

units: $(units)

check: all $(units)
	$(Q)tests/run $(B)

clean:
	rm -rf build

FORCE:
.PHONY: all check units clean FORCE
.DEFAULT_GOAL := all
-include $(shell find build -name '*.d' 2>/dev/null)
