{{/*
A NetworkPolicy: what is not named is denied.
  root, component
  ingress   rules beside those for scrapes, as YAML
  egress    rules beside those for DNS and traces, as YAML
*/}}
{{- define "w2meet-lib.networkPolicy" -}}
{{- $global := .root.Values.global -}}
{{- $ingress := trim (printf "%s\n%s" (.ingress | default "") (include "w2meet-lib.scrapes" .root)) -}}
{{- if $global.networkPolicy.enabled }}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "w2meet-lib.metadata" . | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "w2meet-lib.selectorLabels" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  {{- if $ingress }}
  ingress:
    {{- $ingress | nindent 4 }}
  {{- end }}
  egress:
    {{- include "w2meet-lib.egressToDns" . | nindent 4 }}
    {{- with .egress }}
    {{- trim . | nindent 4 }}
    {{- end }}
    {{- if include "w2meet-lib.tracingEndpoint" .root }}
    - ports:
        - { port: {{ $global.tracing.port }}, protocol: TCP }
      {{- with include "w2meet-lib.tracingTo" .root | fromYamlArray }}
      to:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    {{- end }}
    {{- with $global.networkPolicy.extraEgress }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}
{{- end -}}

{{- define "w2meet-lib.egressToDns" -}}
- ports:
    - { port: 53, protocol: UDP }
    - { port: 53, protocol: TCP }
  to:
    - namespaceSelector: {}
      podSelector:
        matchExpressions:
          - { key: k8s-app, operator: In, values: [kube-dns, coredns, node-local-dns] }
{{- end -}}

{{/* Prometheus may read the metrics. */}}
{{- define "w2meet-lib.scrapes" -}}
{{- with include "w2meet-lib.metricsFrom" . | fromYamlArray }}
- ports:
    - { port: 9090, protocol: TCP }
  from:
    {{- toYaml . | nindent 4 }}
{{- end }}
{{- end -}}

{{/* Who may call the API: the gateway on the public port, the pod of `helm test` and the callers among the services on the other. */}}
{{- define "w2meet-lib.callers" -}}
- ports:
    - { port: 8000, protocol: TCP }
  from:
    - podSelector:
        matchLabels:
          app.kubernetes.io/instance: {{ .root.Release.Name }}
          app.kubernetes.io/component: helm-test
    {{- with .root.Values.callers }}
    {{- tpl (toYaml .) $.root | nindent 4 }}
    {{- end }}
{{- with .root.Values.global.networkPolicy.gatewayFrom }}
- ports:
    - { port: 8001, protocol: TCP }
  from:
    {{- toYaml . | nindent 4 }}
{{- end }}
{{- end -}}

{{/* The way to a peer's API. */}}
{{- define "w2meet-lib.egressToPeer" -}}
- ports:
    - { port: {{ .peer.port }}, protocol: TCP }
  {{- with .peer.to }}
  to:
    {{- tpl (toYaml .) $.root | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* Pods of this release, as a peer of a NetworkPolicy. */}}
{{- define "w2meet-lib.podsOf" -}}
podSelector:
  matchLabels:
    app.kubernetes.io/name: {{ .name }}
    app.kubernetes.io/instance: {{ .root.Release.Name }}
    {{- with .component }}
    app.kubernetes.io/component: {{ . }}
    {{- end }}
{{- end -}}
