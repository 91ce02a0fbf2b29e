# mi-token: `make deps all demo check`, `make install`; README.md lists every target.
# SPDX-License-Identifier: MIT

VERSION := 0.1.0

PREFIX      ?= /usr/local
BINDIR      ?= $(PREFIX)/bin
LIBDIR      ?= $(PREFIX)/lib
LIBEXECDIR  ?= $(PREFIX)/libexec
INCLUDEDIR  ?= $(PREFIX)/include
DATADIR     ?= $(PREFIX)/share
MANDIR      ?= $(DATADIR)/man
TMPFILESDIR ?= $(PREFIX)/lib/tmpfiles.d
UNITDIR     ?= $(PREFIX)/lib/systemd/system
SYSCONFDIR  ?= $(if $(filter /usr/local /usr,$(PREFIX)),/etc,$(PREFIX)/etc)
PKG_CONFIG  ?= pkg-config
# Where OpenSSL looks for providers, whatever the prefix is.
MODULESDIR  ?= $(call once,MODULESDIR_FOUND,$(shell $(PKG_CONFIG) --variable=modulesdir libcrypto 2>/dev/null))
SECONDS     ?= 60

comma := ,
B := build/$(if $(SAN),san-$(subst $(comma),-,$(SAN)),$(if $(COV),cov,plain))
Q := $(if $(V),,@)
objects = $(patsubst %.c,$(B)/obj/%.o,$(1))

lib_src  := $(wildcard plugin/base/*.c plugin/io/*.c plugin/source/*.c plugin/core/*.c)
base_src := $(wildcard plugin/base/*.c)
cmd_src  := $(wildcard helper/*.c)
tool_src := helper/flags.c helper/process.c helper/real.c # what programs share
# What asks a service with the identity's token.
target_src := $(filter-out %/main.c,$(wildcard helper/target/*.c helper/client/*.c helper/explain/*.c helper/registry/*.c))
unit_src := $(shell grep -lsE '^(TEST_MAIN|int main)\>' tests/unit/*.c)
unit_aid := $(filter-out $(unit_src),$(wildcard tests/unit/*.c)) # linked where it is needed
fuzz_src := $(wildcard tests/fuzz/*.c)

# The compiler and pkg-config are asked when a recipe first needs the answer, not while this
# file is read: `make check` may have installed them just before.
once        = $(eval $(1) := $(2))$($(1))
TRIPLET     = $(call once,TRIPLET,$(shell $(CC) -dumpmachine 2>/dev/null))
PKG_CFLAGS  = $(call once,PKG_CFLAGS,$(shell $(PKG_CONFIG) --cflags $(PKGS) 2>/dev/null))
pkg_libs    = $(shell $(PKG_CONFIG) --libs $(1))
PKGS       := libcurl json-c libconfig libcrypto

WARN := -Wall -Wextra -Wshadow -Wconversion -Wcast-qual -Wwrite-strings -Wstrict-prototypes \
        -Wmissing-prototypes -Wformat=2 -Wundef -Wvla $(if $(WERROR),-Werror)
HARDEN = -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong \
         -fstack-clash-protection $(if $(filter x86_64-% i%86-%,$(TRIPLET)),-fcf-protection)
# On ARM char has no sign; with sanitizers it has none anywhere.
CHECKED := -O1 -funsigned-char -fno-omit-frame-pointer -fsanitize=$(SAN) -fno-sanitize-recover=all
VARIANT = $(if $(SAN),$(CHECKED),$(if $(COV),-O0 --coverage,$(HARDEN)))
ALL_CFLAGS = -std=c11 -g -D_GNU_SOURCE -DMI_TOKEN_VERSION=\"$(VERSION)\" -Iplugin -fPIC \
             -fvisibility=hidden -pthread -ffile-prefix-map=$(CURDIR)=. -MMD -MP $(WARN) \
             $(VARIANT) $(PKG_CFLAGS) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS = -pthread -Wl,-z,relro,-z,now,-z,noexecstack -Wl,-O1,--as-needed \
              $(if $(SAN),-fsanitize=$(SAN)) $(if $(COV),--coverage) $(CFLAGS) $(LDFLAGS)
DEFS := $(if $(SAN),,-Wl,-z,defs) # with clang the sanitizer's functions are in the program

programs := $(B)/bin/mi-token $(B)/bin/git-credential-mi-token $(B)/bin/docker-credential-mi-token
# Run by mi-token as `mi-token NAME`, and some of them by the names of what they stand in for.
tools    := $(addprefix $(B)/libexec/mi-token/mi-token-,az curl doctor exec explain git keep-fresh keyref query report roles serve verify wait)
# One program for all that is about keys in vaults.
tool_links := $(addprefix $(B)/libexec/mi-token/mi-token-,keycert keycheck openssl-conf)
shims    := $(addprefix $(B)/libexec/mi-token/shims/,az azd curl)
modules  := $(addprefix $(B)/lib/mi-token/,conf.so json.so transport.so)
library  := $(B)/lib/libmi-token.so.0
provider := $(B)/lib/ossl-modules/azkv.so
systemd  := $(patsubst conf/systemd/%,$(B)/systemd/%,$(wildcard conf/systemd/*))
units    := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(unit_src))
aids     := $(patsubst %,$(B)/tests/%.a,unit git tools output query azkv verify) # what tests link
fuzzers  := $(patsubst tests/fuzz/%.c,$(B)/tests/fuzz/%,$(fuzz_src))
# What tests need besides `all`.
test_programs := $(units)

all: $(library) $(B)/lib/libmi-token.so $(modules) $(provider) $(programs) $(tools) $(tool_links) $(shims) $(B)/libmi-token.pc \
	$(systemd)

# Goals that install what is missing do so before anything is compiled.
$(B)/flags: FORCE $(if $(filter deps demo check check-interop check-servers check-debian13 bench,$(MAKECMDGOALS)),deps)
	@command -v $(firstword $(CC)) $(PKG_CONFIG) >/dev/null 2>&1 || { \
		echo "mi-token: $(firstword $(CC)) or $(PKG_CONFIG) is missing; try 'make deps'" >&2; exit 1; }
	@$(call rewrite,$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS))
$(B)/paths: FORCE
	@$(call rewrite,$(PREFIX) $(BINDIR) $(LIBDIR) $(LIBEXECDIR) $(INCLUDEDIR) $(VERSION))
# Rewrites the target only when the text changes.
rewrite = mkdir -p $(@D) && { echo '$(1)' | cmp -s - $@ || echo '$(1)' >$@; }

$(B)/obj/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(library): $(call objects,$(lib_src)) plugin/mi-token.map
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $(DEFS) -shared -Wl,-soname,$(@F),--version-script=plugin/mi-token.map \
		-o $@ $(filter %.o,$^)

$(B)/lib/libmi-token.so: $(library)
	$(Q)ln -sf $(<F) $@

$(B)/lib/libmi-token.a: $(call objects,$(lib_src))
$(B)/tests/unit.a: $(call objects,$(unit_aid))
$(B)/tests/git.a: $(call objects,$(filter-out helper/git/main.c,$(wildcard helper/git/*.c)))
$(B)/tests/tools.a: $(call objects,$(filter-out %/main.c,$(wildcard helper/curl/*.c helper/registry/*.c)))
$(B)/tests/output.a: $(call objects,$(wildcard helper/output/*.c))
$(B)/tests/query.a: $(call objects,$(wildcard helper/query/*.c))
$(B)/tests/verify.a: $(call objects,$(filter-out %/main.c %/options.c %/gate.c,$(wildcard helper/verify/*.c)))
$(B)/tests/azkv.a: $(call objects,$(wildcard plugin/openssl/*.c))
$(aids) $(B)/lib/libmi-token.a:
	@mkdir -p $(@D)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/lib/mi-token/transport.so: module_pkgs := libcurl openssl
$(B)/lib/mi-token/transport.so: $(call objects,$(wildcard plugin/module/curl*.c) $(base_src))
$(B)/lib/mi-token/json.so: module_pkgs := json-c
$(B)/lib/mi-token/json.so: $(call objects,$(wildcard plugin/module/jsonc*.c) \
	plugin/io/json.c plugin/io/json_flat.c plugin/io/module.c $(base_src))
$(B)/lib/mi-token/conf.so: module_pkgs := libconfig
$(B)/lib/mi-token/conf.so: $(call objects,$(wildcard plugin/module/conf*.c) $(filter-out plugin/io/conf.c \
	plugin/io/conf_pack.c plugin/io/conf_print.c,$(wildcard plugin/io/conf*.c)) $(base_src))
$(modules): plugin/module/module.map
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $(DEFS) -shared -Wl,--version-script=plugin/module/module.map \
		-o $@ $(filter %.o,$^) $(call pkg_libs,$(module_pkgs))

# The library is in it: one file for programs that know nothing of us. Never unloaded.
$(provider): $(call objects,$(wildcard plugin/openssl/*.c)) $(B)/lib/libmi-token.a plugin/openssl/azkv.map
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $(DEFS) -shared -Wl,-z,nodelete,--version-script=plugin/openssl/azkv.map \
		-o $@ $(filter %.o,$^) $(filter %.a,$^) $(call pkg_libs,libcrypto)

# Programs have the library in them: one shared object less to load is a fifth of the time
# that a cached token takes.
$(B)/bin/mi-token: $(call objects,$(cmd_src)) $(B)/lib/libmi-token.a
$(B)/bin/git-credential-mi-token: $(call objects,$(wildcard helper/git/*.c) $(tool_src)) \
	$(B)/lib/libmi-token.a
$(B)/libexec/mi-token/mi-token-git: $(call objects,$(wildcard helper/git-admin/*.c) $(tool_src) helper/report/report.c \
	$(filter-out helper/git/main.c,$(wildcard helper/git/*.c))) $(B)/lib/libmi-token.a
$(B)/libexec/mi-token/mi-token-az: $(call objects,$(wildcard helper/az/*.c helper/query/*.c \
	helper/output/*.c helper/registry/*.c) $(tool_src)) $(B)/lib/libmi-token.a
$(B)/libexec/mi-token/mi-token-query: $(call objects,$(tool_src) \
	$(wildcard helper/query-main/*.c helper/query/*.c helper/output/*.c)) $(B)/lib/libmi-token.a
$(B)/bin/docker-credential-mi-token: $(call objects,$(wildcard helper/docker/*.c helper/registry/*.c) $(tool_src)) \
	$(B)/lib/libmi-token.a
$(B)/libexec/mi-token/mi-token-curl: $(call objects,$(wildcard helper/curl/*.c) $(tool_src)) \
	$(B)/lib/libmi-token.a
$(B)/libexec/mi-token/mi-token-serve: tool_libs := libmicrohttpd
$(B)/libexec/mi-token/mi-token-serve: $(call objects,$(wildcard helper/serve/*.c) $(tool_src) \
	helper/exec/lifeline.c) $(B)/lib/libmi-token.a
$(B)/libexec/mi-token/mi-token-exec: $(call objects,$(wildcard helper/exec/*.c) $(tool_src) \
	$(addprefix helper/serve/,listen.c peer.c variables.c)) $(B)/lib/libmi-token.a
$(B)/libexec/mi-token/mi-token-keep-fresh: $(call objects,$(wildcard helper/keep-fresh/*.c) \
	$(tool_src) helper/exec/lifeline.c) $(B)/lib/libmi-token.a
$(B)/libexec/mi-token/mi-token-doctor: tool_libs := libcrypto
$(B)/libexec/mi-token/mi-token-doctor: $(call objects,$(wildcard helper/doctor/*.c) $(tool_src) helper/report/report.c \
	$(addprefix helper/git-admin/,chain.c helper.c section.c url.c) $(addprefix helper/azkv/,library.c section.c) \
	$(filter-out helper/git/main.c,$(wildcard helper/git/*.c)) $(target_src)) $(B)/lib/libmi-token.a
$(B)/libexec/mi-token/mi-token-explain: $(call objects,$(wildcard helper/explain/*.c) $(tool_src)) \
	$(B)/lib/libmi-token.a
$(B)/libexec/mi-token/mi-token-verify: tool_libs := libmicrohttpd libcrypto
$(B)/libexec/mi-token/mi-token-verify: $(call objects,$(wildcard helper/verify/*.c) $(tool_src) \
	helper/exec/lifeline.c $(addprefix helper/serve/,listen.c visitors.c)) $(B)/lib/libmi-token.a
$(B)/libexec/mi-token/mi-token-wait: $(call objects,$(wildcard helper/wait/*.c) $(tool_src) $(target_src)) \
	$(B)/lib/libmi-token.a
roles_src := $(wildcard helper/client/*.c) $(filter-out %/main.c %/options.c,$(wildcard helper/roles/*.c)) \
	helper/report/machine.c $(addprefix helper/query/,value.c make.c) $(addprefix helper/output/,width.c python.c writer.c)
$(B)/libexec/mi-token/mi-token-roles: $(call objects,helper/roles/main.c helper/roles/options.c $(roles_src) \
	$(tool_src)) $(B)/lib/libmi-token.a
$(B)/libexec/mi-token/mi-token-report: tool_libs := libcrypto
$(B)/libexec/mi-token/mi-token-report: $(call objects,$(filter-out %/machine.c,$(wildcard helper/report/*.c)) $(roles_src) \
	$(addprefix helper/doctor/,environment.c tools.c tools-git.c tools-openssl.c) \
	$(addprefix helper/git-admin/,chain.c helper.c section.c url.c) $(addprefix helper/azkv/,library.c section.c) \
	$(filter-out helper/git/main.c,$(wildcard helper/git/*.c)) $(tool_src)) $(B)/lib/libmi-token.a
$(B)/libexec/mi-token/mi-token-keyref: tool_libs := libcrypto
$(B)/libexec/mi-token/mi-token-keyref: $(call objects,$(wildcard helper/azkv/*.c) $(tool_src) \
	helper/report/report.c) $(B)/lib/libmi-token.a
$(programs) $(tools):
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -pie -o $@ $(filter %.o %.a,$^) $(if $(tool_libs),$(call pkg_libs,$(tool_libs)))

# `mi-token exec` puts their folder into PATH.
$(B)/libexec/mi-token/shims/az $(B)/libexec/mi-token/shims/azd: $(B)/libexec/mi-token/mi-token-az
$(B)/libexec/mi-token/shims/curl: $(B)/libexec/mi-token/mi-token-curl
$(tool_links): $(B)/libexec/mi-token/mi-token-keyref
	$(Q)ln -sf $(<F) $@
$(shims):
	@mkdir -p $(@D)
	$(Q)ln -sf ../$(<F) $@

# Where programs look for the modules and for each other once they are installed.
$(B)/obj/plugin/io/module.o: CPPFLAGS += -DMI_TOKEN_MODULES=\"$(LIBDIR)/mi-token\"
$(B)/obj/helper/program.o $(B)/obj/helper/exec/spawn.o: CPPFLAGS += -DMI_TOKEN_PROGRAMS=\"$(LIBEXECDIR)/mi-token\"
$(B)/obj/helper/git-admin/helper.o: CPPFLAGS += -DMI_TOKEN_BINDIR=\"$(BINDIR)\"
$(B)/obj/plugin/io/module.o $(B)/obj/helper/program.o $(B)/obj/helper/exec/spawn.o $(B)/obj/helper/git-admin/helper.o: $(B)/paths
$(B)/libmi-token.pc: plugin/mi-token.pc.in $(B)/paths
	$(Q)sed -e 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@INCLUDEDIR@|$(INCLUDEDIR)|' \
		-e 's|@VERSION@|$(VERSION)|' $< >$@

$(B)/systemd/%: conf/systemd/% $(B)/paths
	@mkdir -p $(@D)
	$(Q)sed -e 's|@BINDIR@|$(BINDIR)|' $< >$@

# Our objects' allocations go through the spy of tests/unit/test.c.
WRAP := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
# The modules are linked in and found there, but by the test of finding them.
FIND := -Wl,--wrap=module_find
$(B)/tests/unit/module: FIND :=
$(B)/tests/unit/module: | $(library) # which it copies to other places
$(units): $(B)/tests/unit/%: $(B)/obj/tests/unit/%.o $(aids) \
	$(call objects,$(wildcard plugin/module/*.c)) $(B)/lib/libmi-token.a | $(modules)
	@mkdir -p $(@D)
	$(Q)ln -sfn ../lib $(@D)/../lib
	$(Q)$(CC) $(ALL_LDFLAGS) -pie $(WRAP) $(FIND) -o $@ $(filter %.o,$^) $(REAL) $(filter %.a,$^) \
		$(call pkg_libs,libconfig json-c libcurl openssl)

# Not what stands in for the vault client in the tests of those who use it.
$(patsubst %.c,$(B)/%,$(wildcard tests/unit/azkv_vault*.c)): REAL := $(B)/tests/azkv.a

# Loaded as programs load it.
$(patsubst %,$(B)/tests/unit/%,$(basename $(notdir $(wildcard tests/unit/azkv_foreign*.c)))): | $(provider)

# Of programs, what deserves a test of its own.
$(B)/tests/unit/git_admin: $(call objects,$(tool_src) $(addprefix helper/git-admin/,helper.c url.c))
$(B)/tests/unit/az: $(call objects,$(tool_src) $(filter-out helper/az/main.c,$(wildcard \
	helper/az/*.c)))

$(B)/tests/unit/serve_judge $(B)/tests/fuzz/serve: \
	$(call objects,$(addprefix helper/serve/,judge.c params.c dialect.c))
$(B)/tests/unit/doctor: $(call objects,$(addprefix helper/doctor/,sdk.c no-proxy.c stage.c))
$(B)/tests/unit/explain $(B)/tests/fuzz/explain: \
	$(call objects,$(filter-out %/main.c,$(wildcard helper/explain/*.c)))
$(B)/tests/unit/roles: $(call objects,$(roles_src) $(addprefix helper/report/,page.c page-identity.c) $(tool_src))
# The network and the clock are scripted.
$(B)/tests/unit/client: WRAP += $(patsubst %,-Wl$(comma)--wrap=%,http_exchange clock_sleep clock_now \
	mitok_get mitok_choice_each)
$(B)/tests/unit/client: $(call objects,$(wildcard helper/client/*.c) $(tool_src))
$(B)/tests/unit/wait: $(call objects,$(tool_src) $(target_src) $(filter-out %/main.c,$(wildcard helper/wait/*.c)))
$(B)/tests/unit/serve_peer: $(call objects,$(addprefix helper/serve/,peer.c listen.c))
$(B)/tests/fuzz/visit: $(call objects,$(filter-out %/address.c,$(target_src)) $(tool_src))
$(B)/tests/unit/target_proxy: $(call objects,helper/target/proxy.c)
# Requests and names are scripted.
$(B)/tests/unit/target $(B)/tests/unit/target_services: WRAP += -Wl,--wrap=mitok_get
$(B)/tests/unit/target $(B)/tests/unit/target_services: $(call objects,$(filter-out \
	%/address.c helper/client/%,$(target_src)) $(tool_src))

# A vault with real keys, in the place of the client.
$(addprefix $(B)/tests/unit/azkv_,sign sign_foreign message limits cipher programs): $(call objects,$(wildcard tests/unit/azkv/*.c))

# The simulator of Azure and the namespaces that tests run in (tests/README.md).
$(B)/bin/azure-sim: $(call objects,$(wildcard tests/sim/*.c) $(base_src))
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -pie -o $@ $(filter %.o,$^) $(call pkg_libs,openssl json-c)
$(B)/bin/netns: $(call objects,$(wildcard tests/netns*.c))
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -pie -o $@ $(filter %.o,$^)
test_programs += $(B)/bin/azure-sim $(B)/bin/netns

# What tests/bench/run measures with; `get` is a program that links the shared library.
bench := $(addprefix $(B)/bench/,empty ratio get load page sign verify)
$(bench): $(B)/bench/%: $(B)/obj/tests/bench/%.o
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -pie -o $@ $(filter %.o %.so.0,$^) $(filter %.a,$^) $(bench_ldflags)
$(B)/bench/page: bench_ldflags = $(call pkg_libs,libmicrohttpd)
$(B)/bench/sign: bench_ldflags = $(call pkg_libs,libcurl libcrypto)
$(B)/bench/verify: bench_ldflags = $(call pkg_libs,libcrypto)
$(B)/bench/verify: $(B)/tests/verify.a $(B)/lib/libmi-token.a | $(modules)
$(B)/bench/get: bench_ldflags = -Wl,-rpath,'$$ORIGIN/../lib'
$(B)/bench/get: $(library) | $(modules)
test_programs += $(bench)

# What scripts of tests/cli run besides mi-token.
$(addprefix $(B)/tests/cli/,crowd devlog json): $(B)/tests/cli/%: $(B)/obj/tests/cli/%.o $(call objects,$(base_src))
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -pie -o $@ $(filter %.o,$^) $(call pkg_libs,json-c)
$(B)/tests/cli/spy.so: $(B)/obj/tests/spy/spy.o
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -shared -o $@ $<
$(B)/tests/cli/vault: $(B)/obj/tests/cli/vault.o $(B)/tests/azkv.a $(B)/lib/libmi-token.a | $(modules)
	@mkdir -p $(@D)
	$(Q)ln -sfn ../lib $(@D)/../lib
	$(Q)$(CC) $(ALL_LDFLAGS) -pie -o $@ $(filter %.o,$^) $(filter %.a,$^) $(call pkg_libs,libcrypto)
# A program that knows nothing of azkv, and a library that one loads and closes.
$(B)/tests/cli/azkv-driver: $(call objects,$(wildcard tests/cli/azkv-driver*.c) $(base_src)) | $(provider) $(modules)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -pie -o $@ $(filter %.o,$^) $(call pkg_libs,libcrypto)
$(B)/tests/cli/azkv-plugin.so: $(B)/obj/tests/cli/azkv-plugin.o
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $(DEFS) -shared -o $@ $< $(call pkg_libs,libcrypto)
test_programs += $(addprefix $(B)/tests/cli/,crowd devlog json) $(B)/tests/cli/vault $(B)/tests/cli/spy.so \
	$(B)/tests/cli/azkv-driver $(B)/tests/cli/azkv-plugin.so

# Built by `make fuzz-NAME` alone, with clang.
$(fuzzers): $(B)/tests/fuzz/%: $(B)/obj/tests/fuzz/%.o $(aids) $(B)/lib/libmi-token.a | $(modules)
	@mkdir -p $(@D)
	$(Q)ln -sfn ../lib $(@D)/../lib
	$(Q)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(filter %.a,$^) \
		$(call pkg_libs,libcrypto)

# Everything is declared above this line: a rule's prerequisites are read with the rule.

units: $(units)
tests: $(test_programs)

deps:
	$(Q)tests/deps
deps-ci: deps
	$(Q)tests/deps ci
gits:
	$(Q)tests/gits build

demo: deps all $(test_programs)
	$(Q)tests/demo $(B) || [ $$? = 77 ] # it has said why it was only a part
bench: deps all $(test_programs)
	$(Q)tests/bench/run $(B)
check: deps all $(test_programs)
	$(Q)tests/run $(B)

# Microsoft's libraries over our programs; they are got from their registries.
check-interop: deps all $(test_programs)
	$(Q)tests/deps interop
	$(Q)tests/interop/run $(B)
# OpenSSL and servers with keys in a vault: the machine's, and those of Debian 13.
check-servers: deps all $(test_programs)
	$(Q)PATH=$$PATH:/usr/sbin tests/deps servers
	$(Q)tests/run $(B) cli/azkv-servers cli/azkv-guest
check-debian13: deps all $(test_programs)
	$(Q)tests/debian13 check $(B)
# The az command lines that are printed as cures, judged by az's own parser.
check-az:
	$(Q)tests/az-record check
check-san: deps
	$(Q)$(MAKE) --no-print-directory SAN=address,undefined all tests
	$(Q)tests/run build/san-address-undefined unit/ cli/
check-thread: deps
	$(Q)$(MAKE) --no-print-directory SAN=thread all tests
	$(Q)tests/run build/san-thread unit/ cli/azkv-driver

fuzz_names := $(patsubst tests/fuzz/%.c,%,$(fuzz_src))
fuzz_make = $(MAKE) --no-print-directory B=build/fuzz CC=clang SAN=fuzzer-no-link,address,undefined
fuzz: $(addprefix fuzz-,$(fuzz_names))
$(addprefix fuzz-,$(fuzz_names)): fuzz-%: deps-ci
	$(Q)$(fuzz_make) build/fuzz/tests/fuzz/$*
	$(Q)tests/fuzz/run build/fuzz $* $(SECONDS)
fuzzers: deps-ci
	$(Q)$(fuzz_make) $(addprefix build/fuzz/tests/fuzz/,$(fuzz_names))

coverage: deps-ci
	$(Q)$(MAKE) --no-print-directory COV=1 CC=gcc all tests
	$(Q)tests/coverage build/cov

lint: deps-ci
	$(Q)tests/lint
format: deps-ci
	$(Q)tests/lint --format

# What `make install` puts where, `mode:file:destination`; `make uninstall` removes the same.
pages := $(wildcard man/*.[1357])
shared_page := mi-token-exec.1 mi-token-keep-fresh.1 # are in mi-token-serve.1
installed = \
	$(foreach p,$(programs),0755:$(p):$(BINDIR)/$(notdir $(p))) \
	$(foreach p,$(tools),0755:$(p):$(LIBEXECDIR)/mi-token/$(notdir $(p))) \
	0755:$(library):$(LIBDIR)/libmi-token.so.$(VERSION) \
	$(foreach m,$(modules),0755:$(m):$(LIBDIR)/mi-token/$(notdir $(m))) \
	0755:$(provider):$(MODULESDIR)/azkv.so \
	0644:plugin/mi-token.h:$(INCLUDEDIR)/mi-token.h \
	0644:$(B)/libmi-token.pc:$(LIBDIR)/pkgconfig/libmi-token.pc \
	$(foreach p,$(pages),0644:$(p):$(MANDIR)/man$(subst .,,$(suffix $(p)))/$(notdir $(p))) \
	$(foreach f,$(tmpfiles),0644:$(f):$(TMPFILESDIR)/$(notdir $(f))) \
	$(foreach f,$(systemd),0644:$(f):$(UNITDIR)/$(notdir $(f))) \
	$(foreach f,$(bash),0644:$(f):$(DATADIR)/bash-completion/completions/$(basename $(notdir $(f)))) \
	$(foreach f,$(zsh),0644:$(f):$(DATADIR)/zsh/site-functions/_$(basename $(notdir $(f)))) \
	$(foreach f,$(fish),0644:$(f):$(DATADIR)/fish/vendor_completions.d/$(notdir $(f)))
tmpfiles := $(wildcard conf/tmpfiles.d/*.conf)
bash := $(wildcard conf/completions/*.bash)
zsh  := $(wildcard conf/completions/*.zsh)
fish := $(wildcard conf/completions/*.fish)
conf := $(SYSCONFDIR)/mi-token/mi-token.conf

# The configuration is the administrator's once it is there.
install: all
	$(Q)set -e; for row in $(installed); do IFS=:; set -- $$row; unset IFS; \
		install -D -m "$$1" "$$2" "$(DESTDIR)$$3"; done
	$(Q)ln -sf libmi-token.so.$(VERSION) '$(DESTDIR)$(LIBDIR)/libmi-token.so.0'
	$(Q)ln -sf libmi-token.so.0 '$(DESTDIR)$(LIBDIR)/libmi-token.so'
	$(Q)for page in $(shared_page); do \
		ln -sf mi-token-serve.1 "$(DESTDIR)$(MANDIR)/man1/$$page"; done
	$(Q)mkdir -p '$(DESTDIR)$(LIBEXECDIR)/mi-token/shims'
	$(Q)cp -P $(shims) '$(DESTDIR)$(LIBEXECDIR)/mi-token/shims/'
	$(Q)cp -P $(tool_links) '$(DESTDIR)$(LIBEXECDIR)/mi-token/'
	$(Q)test -e '$(DESTDIR)$(conf)' || install -D -m 0644 conf/mi-token.conf '$(DESTDIR)$(conf)'

uninstall:
	$(Q)rm -f $(foreach p,$(shared_page),'$(DESTDIR)$(MANDIR)/man1/$(p)')
	$(Q)for row in $(installed); do rm -f "$(DESTDIR)$${row##*:}"; done
	$(Q)rm -f '$(DESTDIR)$(LIBDIR)/libmi-token.so.0' '$(DESTDIR)$(LIBDIR)/libmi-token.so'
	$(Q)rm -f $(foreach p,$(tool_links),'$(DESTDIR)$(LIBEXECDIR)/mi-token/$(notdir $(p))')
	$(Q)rm -f $(foreach s,$(shims),'$(DESTDIR)$(LIBEXECDIR)/mi-token/shims/$(notdir $(s))')
	$(Q)if cmp -s conf/mi-token.conf '$(DESTDIR)$(conf)'; then rm -f '$(DESTDIR)$(conf)'; fi
	$(Q)rmdir '$(DESTDIR)$(LIBEXECDIR)/mi-token/shims' 2>/dev/null || :
	$(Q)for dir in '$(LIBDIR)' '$(LIBEXECDIR)' '$(SYSCONFDIR)'; do \
		rmdir "$(DESTDIR)$$dir/mi-token" 2>/dev/null || :; done

clean:
	rm -rf build

FORCE:
.PHONY: all units tests deps deps-ci gits demo bench check check-interop check-servers \
        check-az check-debian13 check-san check-thread fuzz fuzzers coverage lint \
        format install uninstall clean FORCE $(addprefix fuzz-,$(fuzz_names))
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
