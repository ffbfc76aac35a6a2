# What Corbel does when it has booted: commands of the management terminal.
guest create /linux1.dtb
guest create /linux2.dtb
guest create /rtos.dtb
guest start linux1
guest start linux2
guest start rtos
guest console linux1
