terraform {
  required_version = ">= 1.4"
}

variable "name" { type = string }
variable "pace" {
  type    = number
  default = 1
}
variable "witness" {
  type    = string
  default = ""
}
variable "host" { type = string }
variable "upstream" {
  type    = string
  default = ""
}
variable "text" {
  type    = string
  default = ""
}
variable "copies" {
  type    = number
  default = 1
}

resource "terraform_data" "release" {
  triggers_replace = [var.upstream, var.text]
  input = {
    name     = "${var.name}-release"
    upstream = var.upstream
    text     = var.text
    pace     = var.pace
    witness  = var.witness
  }

  provisioner "local-exec" {
    command     = "sleep \"$PACE\"; test -z \"$WITNESS\" || echo \"up $NAME\" >> \"$WITNESS\""
    environment = { NAME = self.input.name, PACE = self.input.pace, WITNESS = self.input.witness }
  }
  provisioner "local-exec" {
    when        = destroy
    command     = "sleep \"$PACE\"; test -z \"$WITNESS\" || echo \"down $NAME\" >> \"$WITNESS\""
    environment = { NAME = self.input.name, PACE = self.input.pace, WITNESS = self.input.witness }
  }
}

resource "terraform_data" "copies" {
  triggers_replace = [var.copies]
  input = {
    name    = "${var.name}-copies"
    release = terraform_data.release.id
    copies  = var.copies
    pace    = var.pace
    witness = var.witness
  }

  provisioner "local-exec" {
    command     = "sleep \"$PACE\"; test -z \"$WITNESS\" || echo \"up $NAME\" >> \"$WITNESS\""
    environment = { NAME = self.input.name, PACE = self.input.pace, WITNESS = self.input.witness }
  }
  provisioner "local-exec" {
    when        = destroy
    command     = "sleep \"$PACE\"; test -z \"$WITNESS\" || echo \"down $NAME\" >> \"$WITNESS\""
    environment = { NAME = self.input.name, PACE = self.input.pace, WITNESS = self.input.witness }
  }
}

output "url" {
  value = "http://${var.host}/"

  depends_on = [terraform_data.copies]
}

output "copies" {
  value = var.copies

  depends_on = [terraform_data.copies]
}
