/* The launcher's program as bytes.  The assembler finds it by the include path. */
	.section .rodata
	.globl launch_program, launch_program_end
	.hidden launch_program, launch_program_end
launch_program: .incbin "launch"
launch_program_end: .byte 0
#if defined(__linux__) && defined(__ELF__)
	.section .note.GNU-stack, "", %progbits
#endif
