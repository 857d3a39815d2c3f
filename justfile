# Each recipe is one step of integration/run; `just` alone lists them.

# the recipes
default:
    @just --list

# everything that is checked before something lands
all:
    ./integration/run

# install what the tests need (root installs Debian packages)
setup:
    ./integration/run setup

# formatting
fmt:
    ./integration/run fmt

# the ground floor compiles alone: no server, no client
floor:
    ./integration/run floor

# the CAS client compiles without the server
client:
    ./integration/run client

# lints; a warning fails
clippy:
    ./integration/run clippy

# the documentation of the crate builds without a warning
doc:
    ./integration/run doc

# all tests on SQLite, and the examples in the documentation
sqlite:
    ./integration/run sqlite

# all tests on PostgreSQL
postgres:
    ./integration/run postgres

# the shipped configuration passes `passerelle check`
examples:
    ./integration/run examples

# institutions and services of other people, among themselves
rehearsal:
    ./integration/run rehearsal

# the same with passerelle between them
walk:
    ./integration/run walk

# CAS clients of other people in five languages, over https
clients:
    ./integration/run clients

# Chromium walks through the demo
browser:
    ./integration/run browser
