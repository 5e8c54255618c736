#!/usr/bin/env bash
# Tries the whole platform on the cluster of KUBECONFIG: installs it, runs the contract's suite through the Ingress, upgrades
# it and takes pods away under load, uninstalls it and installs it again on the same volumes. What it made it removes, but for
# the kind QueueScaler, which other releases may use.
#
# Environment:
#   NAMESPACE  a namespace that does not exist yet (w2meet-e2e)
#   IMAGES     how the nodes get images: kind, minikube, or none when they have or can pull them (by the context's name)
#   E2E_URL    the URL of the cluster's gateway; without it the Service of ingress-nginx is forwarded to this machine
#   HELM_ARGS  more arguments of every installation, such as `--set global.image.registry=registry.example.com`
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

NAMESPACE=${NAMESPACE:-w2meet-e2e}
RELEASE=w2meet
IMAGES=${IMAGES:-}
WAIT=10m
# Services whose pods go away one after the other; each comes back before the next one goes.
SERVED=(user-service availability-service suggestion-service worker-service)
read -r -a helm_args <<<"${HELM_ARGS:-}"
forward=

fail() {
  echo "e2e: $*" >&2
  exit 1
}

say() {
  echo "e2e: $*" >&2
}

k() {
  kubectl --namespace "$NAMESPACE" "$@"
}

check() {
  [ -n "${KUBECONFIG:-}" ] || fail 'KUBECONFIG has to name the file that says how to reach a cluster'
  local file files
  IFS=: read -r -a files <<<"$KUBECONFIG"
  for file in "${files[@]}"; do
    [ -f "$file" ] || fail "KUBECONFIG names $file, which does not exist"
  done
  for program in kubectl helm cargo curl; do
    command -v "$program" >/dev/null || fail "$program is missing"
  done
  kubectl version --request-timeout 10s >/dev/null || fail 'the cluster of KUBECONFIG does not answer'
  ! kubectl get namespace "$NAMESPACE" >/dev/null 2>&1 || fail "the namespace $NAMESPACE exists; NAMESPACE=... names another one"
}

# `kind-<name>` and `minikube` are what these two call the contexts that they make.
images() {
  local context image
  context=$(kubectl config current-context)
  if [ -z "$IMAGES" ]; then
    case $context in
      kind-*) IMAGES=kind ;;
      minikube) IMAGES=minikube ;;
      *) IMAGES=none ;;
    esac
  fi
  case $IMAGES in
    none) return ;;
    kind)
      make image-archives
      KIND_CLUSTER=${context#kind-} make kind-load
      ;;
    minikube)
      make image-archives
      for image in "${CARGO_TARGET_DIR:-target}"/images/*.tar; do minikube image load "$image"; done
      ;;
    *) fail "IMAGES is kind, minikube or none, not $IMAGES" ;;
  esac
}

install() {
  helm "$1" "$RELEASE" charts/w2meet --namespace "$NAMESPACE" --create-namespace --wait --timeout "$WAIT" \
    "${helm_args[@]}" "${@:2}"
}

# One way in for everything: through the controller, so that a pod that goes away takes nobody's connection along.
gateway() {
  if [ -n "${E2E_URL:-}" ]; then
    export W2MEET_URL=$E2E_URL
  else
    local service namespace name port log
    service=$(kubectl get service --all-namespaces --no-headers --output custom-columns=:metadata.namespace,:metadata.name \
      --selector app.kubernetes.io/name=ingress-nginx,app.kubernetes.io/component=controller | grep -v -- -admission || true)
    [ -n "$service" ] || fail 'the cluster has no ingress-nginx (on minikube: minikube addons enable ingress; else docs/install.md); E2E_URL names another gateway'
    read -r namespace name _ <<<"$service"
    log=$(mktemp)
    kubectl --namespace "$namespace" port-forward "service/$name" :80 >"$log" 2>&1 &
    forward=$!
    for _ in $(seq 100); do
      port=$(sed -n 's/^Forwarding from 127.0.0.1:\([0-9]*\) .*/\1/p' "$log")
      [ -z "$port" ] || break
      sleep 0.1
    done
    [ -n "$port" ] || fail "kubectl does not forward a port: $(cat "$log")"
    rm "$log"
    export W2MEET_URL=http://127.0.0.1:$port
  fi
  # The controller reads a new Ingress some seconds after it was made.
  curl --fail --silent --show-error --output /dev/null --retry 60 --retry-delay 1 --retry-all-errors "$W2MEET_URL/health" ||
    fail "$W2MEET_URL/health does not answer"
}

suite() {
  cargo test --locked --package behaviour --features cluster --test contract -- cluster::
}

case_of_cluster() {
  cargo test --locked --package behaviour --features cluster --test cluster -- --exact "$1"
}

# Autoscalers need some seconds to go from a new Deployment's one replica to their minimum, which is two.
two_of_each() {
  local service ready
  for service in "${SERVED[@]}"; do
    for _ in $(seq 120); do
      ready=$(k get deployment "$RELEASE-$service" --output 'jsonpath={.status.readyReplicas}')
      [ "${ready:-0}" -lt 2 ] || continue 2
      sleep 1
    done
    fail "$service has ${ready:-no} ready replica; two are needed so that one may go"
  done
}

# Under load: pods of the services end in order, a consumer is killed in the middle of its jobs, the cache and the broker
# are started again, and new settings roll over everything.
disturb() {
  local service
  for service in "${SERVED[@]}"; do
    say "a pod of $service goes away"
    k delete pod --wait=false "$(k get pods --output name --selector "app.kubernetes.io/name=$service,app.kubernetes.io/component=api" | head -n 1 | cut -d/ -f2)"
    k rollout status "deployment/$RELEASE-$service" --timeout "$WAIT"
  done
  say 'the consumers are killed'
  k delete pod --grace-period 0 --force --selector app.kubernetes.io/name=worker-service,app.kubernetes.io/component=consumer
  say 'Redis and RabbitMQ are started again'
  for service in redis rabbitmq; do
    k rollout restart "statefulset/$RELEASE-$service"
    k rollout status "statefulset/$RELEASE-$service" --timeout "$WAIT"
  done
  say 'new settings are rolled out'
  install upgrade --reuse-values --set user-service.settings.logLevel=debug,availability-service.settings.logLevel=debug \
    --set suggestion-service.settings.logLevel=debug
}

remove() {
  [ -z "$forward" ] || kill "$forward" 2>/dev/null || true
  helm uninstall "$RELEASE" --namespace "$NAMESPACE" --wait --timeout "$WAIT" >/dev/null 2>&1 || true
  kubectl delete namespace "$NAMESPACE" --wait --timeout "$WAIT" >/dev/null 2>&1 || true
}

main() {
  check
  images
  trap remove EXIT
  say "install in $NAMESPACE"
  install install
  helm test "$RELEASE" --namespace "$NAMESPACE" --timeout "$WAIT"
  gateway
  say 'the contract, through the gateway'
  suite
  export W2MEET_WITNESS=witness@e2e.example.com
  case_of_cluster a_witness_is_written
  two_of_each
  say 'pods come and go under load'
  # The test runs it in its own folder.
  W2MEET_DISTURBANCE="$(printf %q "$PWD/scripts/e2e.sh") disturb"
  export NAMESPACE W2MEET_DISTURBANCE
  case_of_cluster no_request_fails_and_no_job_is_lost_while_pods_come_and_go
  say 'uninstall, and install again on the same volumes'
  helm uninstall "$RELEASE" --namespace "$NAMESPACE" --wait --timeout "$WAIT"
  install install
  curl --fail --silent --show-error --output /dev/null --retry 60 --retry-delay 1 --retry-all-errors "$W2MEET_URL/health"
  case_of_cluster a_witness_is_still_there
  suite
  say 'all is well'
}

case ${1:-all} in
  all) main ;;
  disturb) disturb ;;
  *) fail "use: scripts/e2e.sh [disturb]" ;;
esac
