{{/* What every pod has. */}}

{{- define "w2meet-lib.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "w2meet-lib.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Where pods run: nodes, neighbours, tolerations. */}}
{{- define "w2meet-lib.scheduling" -}}
{{- $values := .root.Values -}}
{{- with $values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Replicas are spread over nodes (and zones), as far as there are several. */}}
{{- define "w2meet-lib.spread" -}}
{{- $here := . -}}
{{- with .root.Values.topologySpread.keys }}
topologySpreadConstraints:
  {{- range . }}
  - topologyKey: {{ . }}
    maxSkew: 1
    whenUnsatisfiable: {{ $here.root.Values.topologySpread.whenUnsatisfiable }}
    labelSelector:
      matchLabels:
        {{- include "w2meet-lib.selectorLabels" $here | nindent 8 }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "w2meet-lib.pullSecrets" -}}
{{- with .Values.global.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Settings that every service reads. */}}
{{- define "w2meet-lib.serveEnv" -}}
{{- $settings := .settings -}}
- name: PUBLIC_LISTEN
  value: 0.0.0.0:8001
- name: ACCESS
  value: {{ .root.Values.global.access | quote }}
{{- if .root.Values.global.serviceSecret.existingSecret }}
- name: SERVICE_SECRET
  value: file:/run/secrets/w2meet/service-secret
{{- end }}
{{- if .root.Values.global.tls.existingSecret }}
- name: TLS_CERTIFICATE
  value: /run/secrets/w2meet/tls.crt
- name: TLS_KEY
  value: /run/secrets/w2meet/tls.key
{{- end }}
- name: REQUEST_TIMEOUT_MS
  value: {{ $settings.requestTimeoutMs | int | quote }}
- name: DRAIN_DELAY_MS
  value: {{ $settings.drainDelayMs | int | quote }}
- name: SHUTDOWN_GRACE_SECONDS
  value: {{ $settings.shutdownGraceSeconds | int | quote }}
- name: MAX_CONNECTIONS
  value: {{ $settings.maxConnections | int64 | quote }}
- name: MAX_REQUESTS
  value: {{ $settings.maxRequests | int64 | quote }}
- name: MAX_WAIT_MS
  value: {{ $settings.maxWaitMs | int64 | quote }}
- name: MAX_BODIES_KIB
  value: {{ $settings.maxBodiesKib | int64 | quote }}
- name: LOG_LEVEL
  value: {{ $settings.logLevel | quote }}
- name: LOG_FORMAT
  value: {{ $settings.logFormat | quote }}
- name: LOG_ONE_IN
  value: {{ $settings.logOneIn | int64 | quote }}
- name: LOG_SLOW_MS
  value: {{ $settings.logSlowMs | int64 | quote }}
{{- with .root.Values.global.trustedProxies }}
- name: TRUSTED_PROXIES
  value: {{ join "," . | quote }}
{{- end }}
{{- with .root.Values.global.corsOrigins }}
- name: CORS_ORIGINS
  value: {{ join "," . | quote }}
{{- end }}
{{- $limits := .root.Values.global.limits | default dict }}
{{- if not (kindIs "invalid" $limits.clientUnitsPerMinute) }}
- name: CLIENT_UNITS_PER_MINUTE
  value: {{ $limits.clientUnitsPerMinute | int64 | quote }}
{{- else if not .root.Values.global.trustedProxies }}
# All who come through the ingress would have one limit together.
- name: CLIENT_UNITS_PER_MINUTE
  value: "0"
{{- end }}
{{- if not (kindIs "invalid" $limits.accountUnitsPerMinute) }}
- name: ACCOUNT_UNITS_PER_MINUTE
  value: {{ $limits.accountUnitsPerMinute | int64 | quote }}
{{- end }}
{{- if not (kindIs "invalid" $limits.pollChangesPerMinute) }}
- name: POLL_CHANGES_PER_MINUTE
  value: {{ $limits.pollChangesPerMinute | int64 | quote }}
{{- end }}
{{- if .root.Values.global.statusPage }}
- name: STATUS_PAGE
  value: "true"
{{- end }}
{{- with include "w2meet-lib.tracingEndpoint" .root }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ . | quote }}
- name: OTEL_TRACES_SAMPLER_ARG
  value: {{ $.root.Values.global.tracing.ratio | quote }}
- name: TRACE_LIMIT
  value: {{ $.root.Values.global.tracing.limit | int64 | quote }}
{{- end }}
{{- end -}}

{{/* The drain, the hard limit after it, and some seconds to end in. */}}
{{- define "w2meet-lib.terminationGrace" -}}
{{- add (div (add (int .drainDelayMs) 999) 1000) (int .shutdownGraceSeconds) 5 -}}
{{- end -}}

{{- define "w2meet-lib.probes" -}}
# No startup probe: the process listens within a tenth of a second, and a startup probe would only delay the other two.
livenessProbe:
  httpGet: { path: /livez, port: ops }
  periodSeconds: 10
  timeoutSeconds: 3
  failureThreshold: 3
readinessProbe:
  # The first look comes right after the start, often before the process listens; the next one soon.
  httpGet: { path: /readyz, port: ops }
  periodSeconds: 1
  timeoutSeconds: 3
  failureThreshold: 5
{{- end -}}
