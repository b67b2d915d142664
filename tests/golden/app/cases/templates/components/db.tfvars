a = 1
  b = "{{ .nuon.install.inputs.reg }}"
