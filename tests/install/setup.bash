# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# For the tests of what is installed: `load setup`. INSTALL is a release build
# whose prefix is $PREFIX; install_prefix installs it there once per file.

load ../cli/setup

INSTALL=${WHIMBREL_INSTALL:-$repo/build-install}
# shellcheck disable=SC2034 # used by those that load this
EMBEDDED=${WHIMBREL_EMBEDDED:-$repo/build-embedded}
PREFIX=$INSTALL/prefix

# One at a time: several files of tests may start together.
install_prefix() {
	flock "$INSTALL" meson install -C "$INSTALL" --quiet
	export PKG_CONFIG_PATH LD_LIBRARY_PATH
	PKG_CONFIG_PATH=$(dirname "$(find "$PREFIX" -name whimbrel.pc)")
	LD_LIBRARY_PATH=$(dirname "$PKG_CONFIG_PATH")
}
