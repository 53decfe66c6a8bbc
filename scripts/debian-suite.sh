# Sourced: packages of another Debian release, from the mirror that this machine gets its own from.

# debian_suite FOLDER deb|deb-src SUITE: sets suite_apt to an apt-get that knows that release alone and keeps its lists in
# FOLDER. The caller runs its `update`. Says what is missing and returns 1 where there is no Debian archive.
debian_suite() {
  local into=$1 type=$2 suite=$3 codename mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  if ! command -v apt-get >/dev/null; then
    echo 'apt-get is missing' >&2
    return 1
  fi
  codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME-}")
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' |
    awk -v codename="$codename" '$2 == codename { print $1; exit }')
  if [[ -z $mirror || ! -f $keyring ]]; then
    echo 'no Debian archive is configured for apt' >&2
    return 1
  fi
  mkdir -p "$into/lists/partial" "$into/cache/archives/partial"
  printf '%s [signed-by=%s] %s %s main\n' "$type" "$keyring" "$mirror" "$suite" >"$into/sources.list"
  suite_apt=(apt-get -qq -o "Dir::Etc::sourcelist=$into/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State::lists=$into/lists" -o Dir::State::status=/dev/null -o "Dir::Cache=$into/cache"
    -o APT::Sandbox::User=root)
}
