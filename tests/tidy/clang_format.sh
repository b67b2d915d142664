#!/usr/bin/env bash
# Every source file is formatted as .clang-format says. Versions of the tool disagree, so only version 14 counts.
set -euo pipefail
source .ci/common.bash
tool="$(find_clang_format || true)"
if [[ -z $tool ]] || ! "$tool" --version | grep -q 'version 14\.'; then
    echo "SLIPWAY-SKIPPED-PART: clang-format 14"
    exit 0
fi
source_files | xargs -r -d '\n' "$tool" --style=file --dry-run -Werror
