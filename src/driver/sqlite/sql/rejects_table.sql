main.@journal@transform_rejects
