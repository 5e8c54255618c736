{{- define "suggestion-service.env" -}}
- name: AVAILABILITY_SERVICE_BASE
  value: {{ include "w2meet-lib.peerUrl" (dict "root" . "url" .Values.availabilityService.url) | quote }}
{{- include "w2meet-lib.peerCa" . }}
- name: PEER_TIMEOUT_MS
  value: {{ .Values.availabilityService.timeoutMs | int | quote }}
{{- end -}}
