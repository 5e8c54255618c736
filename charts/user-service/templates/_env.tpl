{{- define "user-service.env" -}}
{{- $redis := include "w2meet-lib.store" (dict "root" . "store" "redis") | fromYaml -}}
- name: PG_DSN
  value: file:/run/secrets/w2meet/pg-dsn
- name: PG_MAX_CONNECTIONS
  value: {{ .Values.postgresql.maxConnections | int | quote }}
{{- if and $redis.host $redis.servers }}
{{- fail "redis.host names one server and redis.servers several: set one of them; for a whole platform under global" }}
{{- end }}
{{- with $redis.servers }}
- name: REDIS_URL
  value: {{ . | quote }}
{{- end }}
{{- with $redis.host }}
- name: REDIS_HOST
  value: {{ . | quote }}
- name: REDIS_PORT
  value: {{ $redis.port | default 6379 | int | quote }}
{{- end }}
{{- if or $redis.host $redis.servers }}
{{- if include "user-service.redisSecret" $ }}
{{- with $redis.username }}
- name: REDIS_USERNAME
  value: {{ . | quote }}
{{- end }}
- name: REDIS_PASSWORD
  value: file:/run/secrets/w2meet/redis-password
{{- else if $redis.username }}
{{- fail "redis.username needs a password: set redis.password, or name a Secret in redis.existingSecret; for a whole platform under global" }}
{{- end }}
{{- if and $redis.servers (or $redis.tls $redis.caSecret) (not (hasPrefix "rediss" $redis.servers)) }}
{{- fail "redis.tls or redis.caSecret is set: begin redis.servers with rediss; for a whole platform under global" }}
{{- end }}
{{- if $redis.caSecret }}
- name: REDIS_CA_FILE
  value: /run/secrets/w2meet/redis-ca.crt
{{- else if and $redis.tls $redis.host }}
- name: REDIS_TLS
  value: "true"
{{- end }}
{{- end }}
- name: TTL_SECONDS
  value: {{ .Values.settings.ttlSeconds | int | quote }}
- name: POLLS_PER_HOUR
  value: {{ .Values.settings.pollsPerHour | int | quote }}
- name: POLL_RETENTION_DAYS
  value: {{ .Values.settings.pollRetentionDays | int | quote }}
- name: AUDIT_RETENTION_DAYS
  value: {{ .Values.settings.auditRetentionDays | int | quote }}
- name: PUBLIC_URL
  value: {{ tpl .Values.settings.publicUrl . | quote }}
{{- with .Values.settings.administrators }}
- name: ADMINISTRATORS
  value: {{ join "," . | quote }}
{{- end }}
{{- if include "user-service.administratorSecret" . }}
- name: ADMINISTRATOR_TOKEN
  value: file:/run/secrets/w2meet/administrator-token
{{- end }}
{{- if .Values.oidc.existingSecret }}
- name: OIDC
  value: file:/run/secrets/w2meet/oidc.json
{{- end }}
{{- with .Values.settings.calendarNetworks }}
- name: CALENDAR_NETWORKS
  value: {{ join "," . | quote }}
{{- end }}
{{- end -}}

{{- define "user-service.redisSecret" -}}
{{- include "w2meet-lib.storeSecret" (dict "root" . "store" "redis" "value" "password") -}}
{{- end -}}

{{/* The Secret with the token of the administrator without an account; empty where there is none. */}}
{{- define "user-service.administratorSecret" -}}
{{- include "w2meet-lib.storeSecret" (dict "root" . "store" "administrator" "value" "secret") -}}
{{- end -}}
