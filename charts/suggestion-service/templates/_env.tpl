{{- define "suggestion-service.env" -}}
- name: AVAILABILITY_SERVICE_BASE
  value: {{ tpl .Values.availabilityService.url . | quote }}
- name: PEER_TIMEOUT_MS
  value: {{ .Values.availabilityService.timeoutMs | int | quote }}
{{- end -}}
