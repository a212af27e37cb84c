@journal@transform_rejects
