{{- define "availability-service.env" -}}
- name: USER_SERVICE_BASE
  value: {{ tpl .Values.userService.url . | quote }}
- name: PEER_TIMEOUT_MS
  value: {{ .Values.userService.timeoutMs | int | quote }}
{{- end -}}
