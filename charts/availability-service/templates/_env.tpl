{{- define "availability-service.env" -}}
- name: USER_SERVICE_BASE
  value: {{ include "w2meet-lib.peerUrl" (dict "root" . "url" .Values.userService.url) | quote }}
{{- include "w2meet-lib.peerCa" . }}
- name: PEER_TIMEOUT_MS
  value: {{ .Values.userService.timeoutMs | int | quote }}
{{- end -}}
