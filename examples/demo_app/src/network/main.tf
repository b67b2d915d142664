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
variable "zone" { type = string }

resource "terraform_data" "network" {
  triggers_replace = [var.zone]
  input = {
    name    = "${var.name}"
    zone    = var.zone
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

output "network_id" {
  value = terraform_data.network.id
}
