{{/* A queue for each release: on a broker that several share they would take each other's jobs. */}}
{{- define "worker-service.queueName" -}}
{{- .Values.queueName | default (printf "meeting_jobs.%s.%s" .Release.Namespace .Release.Name) -}}
{{- end -}}

{{- define "worker-service.brokerCaSecret" -}}
{{- (include "w2meet-lib.store" (dict "root" . "store" "rabbitmq") | fromYaml).caSecret | default "" -}}
{{- end -}}

{{/* The Secret with the mail server's address; empty where there is none. */}}
{{- define "worker-service.mailSecret" -}}
{{- include "w2meet-lib.storeSecret" (dict "root" . "store" "mail" "value" "url") -}}
{{- end -}}

{{/* The Secret with what mails are signed with that come in; empty where none do. */}}
{{- define "worker-service.inboundMailSecret" -}}
{{- include "w2meet-lib.storeSecret" (dict "root" . "store" "inboundMail" "value" "secret") -}}
{{- end -}}

{{/* The Secret with the address of the mailbox; empty where none is read. */}}
{{- define "worker-service.mailboxSecret" -}}
{{- include "w2meet-lib.storeSecret" (dict "root" . "store" "mailbox" "value" "url") -}}
{{- end -}}

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
  value: {{ include "worker-service.queueName" .root | quote }}
{{- if include "worker-service.brokerCaSecret" .root }}
- name: RABBITMQ_CA_FILE
  value: /run/secrets/w2meet/rabbitmq-ca.crt
{{- end }}
- name: MAX_DEAD_LETTERS
  value: {{ .root.Values.maxDeadLetters | int | quote }}
- name: KEEP_DAYS
  value: {{ .root.Values.keepDays | int | quote }}
- name: USER_SERVICE_BASE
  value: {{ include "w2meet-lib.peerUrl" (dict "root" .root "url" .root.Values.userService.url) | quote }}
{{- include "w2meet-lib.peerCa" .root }}
{{- /* Consumers need these too: where mails are taken in, they write the addresses that answers go to. */}}
{{- if include "worker-service.inboundMailSecret" .root }}
- name: INBOUND_MAIL_SECRET
  value: file:/run/secrets/w2meet/inbound-mail-secret
{{- end }}
{{- if include "worker-service.mailboxSecret" .root }}
- name: IMAP_URL
  value: file:/run/secrets/w2meet/imap-url
{{- end }}
{{- if eq .component "consumer" }}
- name: MAIL_FROM
  value: {{ .root.Values.mail.from | quote }}
{{- if include "worker-service.mailSecret" .root }}
- name: SMTP_URL
  value: file:/run/secrets/w2meet/smtp-url
- name: SMTP_CONNECTIONS
  value: {{ .root.Values.mail.connections | int | quote }}
{{- end }}
{{- with .root.Values.calendars.networks }}
- name: CALENDAR_NETWORKS
  value: {{ join "," . | quote }}
{{- end }}
{{- with .root.Values.suggestionService }}
- name: SUGGESTION_BASE
  value: {{ include "w2meet-lib.peerUrl" (dict "root" $.root "url" .url) | quote }}
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

{{/* The Secrets that the consumers mount, as YAML. */}}
{{- define "worker-service.consumerSecrets" -}}
{{ include "worker-service.secrets" . }}
  {{- with include "worker-service.mailSecret" . }}
  - name: {{ . }}
    key: {{ include "w2meet-lib.storeKey" (dict "root" $ "store" "mail" "key" "smtp-url") }}
    path: smtp-url
  {{- end }}
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
  {{- with include "worker-service.brokerCaSecret" . }}
  - name: {{ . }}
    key: ca.crt
    path: rabbitmq-ca.crt
  {{- end }}
  {{- with include "worker-service.inboundMailSecret" . }}
  - name: {{ . }}
    key: {{ include "w2meet-lib.storeKey" (dict "root" $ "store" "inboundMail" "key" "inbound-mail-secret") }}
    path: inbound-mail-secret
  {{- end }}
  {{- with include "worker-service.mailboxSecret" . }}
  - name: {{ . }}
    key: {{ include "w2meet-lib.storeKey" (dict "root" $ "store" "mailbox" "key" "imap-url") }}
    path: imap-url
  {{- end }}
{{- end -}}

{{/* Who scales the consumers: operator, hpa or fixed. */}}
{{- define "worker-service.scaling" -}}
{{- $chosen := .Values.consumer.scaling -}}
{{- if ne $chosen "auto" -}}{{ $chosen }}
{{- else if (.Values.global.operator | default dict).present -}}operator
{{- else -}}fixed
{{- end -}}
{{- end -}}
