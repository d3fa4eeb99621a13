#!/usr/bin/env bash
# Installs redis-server, prometheus (for promtool), nginx, coturn and chromium with apt if they are missing. Without the
# permission to do so, prints what to install.
set -euo pipefail

missing=()
command -v redis-server >/dev/null || missing+=(redis-server)
# Debian installs nginx in /usr/sbin, which is not in the PATH of every user.
command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || missing+=(nginx)
command -v turnserver >/dev/null || missing+=(coturn)
command -v promtool >/dev/null || missing+=(prometheus)
command -v "${CHROMIUM_PATH:-chromium}" >/dev/null || missing+=(chromium)
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
  echo "The tests need ${missing[*]}. Please install it (Debian: sudo apt-get install ${missing[*]})," >&2
  echo "or name Chromium with CHROMIUM_PATH=/path/to/chromium." >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
