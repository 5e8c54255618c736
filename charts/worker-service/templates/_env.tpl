{{- define "worker-service.env" -}}
- name: ROLE
  value: {{ .component }}
- name: PG_DSN
  value: file:/run/secrets/w2meet/pg-dsn
- name: PG_MAX_CONNECTIONS
  value: {{ .root.Values.postgresql.maxConnections | int | quote }}
- name: RABBITMQ_URL
  value: file:/run/secrets/w2meet/rabbitmq-url
- name: QUEUE_NAME
  value: {{ .root.Values.queueName | quote }}
- name: KEEP_DAYS
  value: {{ .root.Values.keepDays | int | quote }}
{{- if eq .component "consumer" }}
{{- with .root.Values.suggestionService }}
- name: SUGGESTION_BASE
  value: {{ tpl .url $.root | quote }}
- name: PEER_TIMEOUT_MS
  value: {{ .timeoutMs | int | quote }}
{{- end }}
{{- with .root.Values.consumer }}
- name: CONCURRENCY
  value: {{ .concurrency | int | quote }}
- name: PREFETCH
  value: {{ .prefetch | int | quote }}
- name: MAX_ATTEMPTS
  value: {{ .maxAttempts | int | quote }}
- name: RETRY_BASE_MS
  value: {{ .retryBaseMs | int | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "worker-service.migrateEnv" -}}
- name: PG_DSN
  value: file:/run/secrets/w2meet/pg-dsn
{{- end -}}

{{/* The Secrets that both parts mount, as YAML. */}}
{{- define "worker-service.secrets" -}}
secrets:
  - name: {{ include "w2meet-lib.neededSecret" (dict "root" . "store" "postgresql" "value" "dsn") }}
    key: {{ include "w2meet-lib.storeKey" (dict "root" . "store" "postgresql" "key" "pg-dsn") }}
    path: pg-dsn
  - name: {{ include "w2meet-lib.neededSecret" (dict "root" . "store" "rabbitmq" "value" "url") }}
    key: {{ include "w2meet-lib.storeKey" (dict "root" . "store" "rabbitmq" "key" "rabbitmq-url") }}
    path: rabbitmq-url
{{- end -}}

{{/* Who scales the consumers: operator, hpa or fixed. */}}
{{- define "worker-service.scaling" -}}
{{- $chosen := .Values.consumer.scaling -}}
{{- if ne $chosen "auto" -}}{{ $chosen }}
{{- else if (.Values.global.operator | default dict).present -}}operator
{{- else -}}fixed
{{- end -}}
{{- end -}}
