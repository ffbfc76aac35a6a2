# What Corbel does when it has booted: commands of the management terminal.
guest create /rtos.dtb
guest start rtos
guest console rtos
