{{- define "operator.env" -}}
- name: WATCH_NAMESPACES
  value: {{ .Values.namespaces | default (list .Release.Namespace) | join "," | quote }}
# One Lease for all operators of a namespace: of two releases in it, one acts for both.
- name: LEASE_NAME
  value: {{ .Values.lease.name | quote }}
- name: LEASE_SECONDS
  value: {{ .Values.lease.seconds | int | quote }}
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: SHUTDOWN_GRACE_SECONDS
  value: {{ .Values.settings.shutdownGraceSeconds | int | quote }}
- name: LOG_LEVEL
  value: {{ .Values.settings.logLevel | quote }}
- name: LOG_FORMAT
  value: {{ .Values.settings.logFormat | quote }}
{{- with .Values.global.tracing.endpoint }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ . | quote }}
- name: OTEL_TRACES_SAMPLER_ARG
  value: {{ $.Values.global.tracing.ratio | quote }}
- name: TRACE_LIMIT
  value: {{ $.Values.global.tracing.limit | int64 | quote }}
{{- end }}
{{- end -}}
